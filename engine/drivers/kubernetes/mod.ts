import { ApiClient, type Cluster, findCluster } from "../../kubernetes/mod.ts";
import { isOwnerAlive } from "../../storage/mod.ts";
import { machineName } from "../machine.ts";
import type { Driver } from "../driver.ts";
import type { DriverAddress } from "../driver_address.ts";
import type { OpenDriverOptions } from "../open_options.ts";
import { KubernetesDriver } from "./driver.ts";
import { readSettings } from "./settings.ts";
import { driverError } from "./driver_errors.ts";

/**
 * Opens the driver for a cluster: of a context of the kubeconfig, or the one that this process runs in. Nothing
 * is asked of it. A kubeconfig that is not there or cannot be used is told by the first use, too.
 *
 * @throws {DriverError} `DRIVER_INVALID`
 */
export async function open(address: DriverAddress, options: OpenDriverOptions): Promise<Driver> {
  const settings = readSettings(address);
  const cluster = await findCluster({
    context: address.target,
    env: options.env,
    now: () => options.clock.now(),
  }).catch((error): Cluster => ({
    server: "",
    ca: undefined,
    namespace: "default",
    name: "",
    credentials: () => Promise.reject(driverError(error)),
  }));
  const told = new Set<string>();
  return new KubernetesDriver({
    client: new ApiClient(cluster),
    namespace: settings.namespace ?? cluster.namespace,
    settings,
    clock: options.clock,
    owner: options.owner,
    machine: await machineName(options.owner.host),
    nonce: crypto.randomUUID(),
    isOwnerAlive: options.isOwnerAlive ?? isOwnerAlive,
    onWarning(message) {
      if (!told.has(message)) options.onWarning(message);
      told.add(message);
    },
  });
}
