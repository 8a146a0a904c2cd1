/** The driver `native`: processes of this machine, without isolation. */
import { checkDriverParams } from "../parse_driver_address.ts";
import type { DriverAddress } from "../driver_address.ts";
import type { Driver } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import type { OpenDriverOptions } from "../open_options.ts";
import { NativeDriver } from "./driver.ts";

/**
 * Opens the driver; nothing is made or asked by that.
 *
 * @throws {DriverError} `DRIVER_INVALID` for a target or a parameter: it has none
 */
export function open(address: DriverAddress, options: OpenDriverOptions): Promise<Driver> {
  checkDriverParams(address, []);
  if (address.target !== undefined) {
    return Promise.reject(
      new DriverError(
        "DRIVER_INVALID",
        `Cannot open driver "native" as it is this machine: there is a target`,
        { fix: "--driver native" },
      ),
    );
  }
  return Promise.resolve(new NativeDriver(options));
}
