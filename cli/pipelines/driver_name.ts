import { parseDriverAddress } from "../../engine/drivers/mod.ts";

/**
 * The name in an address, which may be stored: `docker`, without the socket and without parameters.
 *
 * @throws {DriverError} `DRIVER_INVALID`
 */
export function driverName(address: string): string {
  parseDriverAddress(address);
  return /^[^:?]*/.exec(address.trim())?.[0] ?? address;
}
