import { isOwnerAlive } from "../../storage/mod.ts";
import type { Driver } from "../driver.ts";
import type { DriverAddress } from "../driver_address.ts";
import type { OpenDriverOptions } from "../open_options.ts";
import { checkDriverParams } from "../parse_driver_address.ts";
import { ApiClient } from "./client.ts";
import { DockerDriver } from "./driver.ts";
import { findEndpoint } from "./endpoint.ts";
import { machineName } from "../machine.ts";

/**
 * Opens the driver for Docker, and for Podman, whose socket speaks the same. Nothing is asked of the daemon.
 *
 * @throws {DriverError} `DRIVER_INVALID`
 */
export async function open(address: DriverAddress, options: OpenDriverOptions): Promise<Driver> {
  checkDriverParams(address, []);
  const driver = /^podman\b/i.test(address.text) ? "podman" : "docker";
  const endpoint = await findEndpoint({ driver, target: address.target }, {
    env: options.env,
    uid: Deno.uid() ?? undefined,
    exists: (path) => Deno.stat(path).then(() => true, () => false),
  });
  const told = new Set<string>();
  return new DockerDriver({
    client: new ApiClient(endpoint, driver),
    driver,
    clock: options.clock,
    owner: options.owner,
    machine: await machineName(options.owner.host),
    isOwnerAlive: options.isOwnerAlive ?? isOwnerAlive,
    env: options.env,
    onWarning(message) {
      if (!told.has(message)) options.onWarning(message);
      told.add(message);
    },
  });
}
