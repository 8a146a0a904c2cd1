import { DRIVERS } from "./catalog.ts";
import type { Driver } from "./driver.ts";
import type { DriverAddress } from "./driver_address.ts";
import { DriverError } from "./driver_error.ts";
import type { OpenDriverOptions } from "./open_options.ts";
import { parseDriverAddress } from "./parse_driver_address.ts";
import { withSweep } from "./with_sweep.ts";

/**
 * Opens the driver at an address. Only that driver's code is loaded. What engines left behind that do not live
 * any more is removed meanwhile. With `?cache=…` what goes into volumes is kept in that store.
 *
 * Opening asks nothing of Docker or a cluster; `ready()` and the first use do.
 *
 * @throws {DriverError} `DRIVER_INVALID`
 */
export async function openDriver(text: string, options: OpenDriverOptions): Promise<Driver> {
  const address = parseDriverAddress(text);
  const entry = DRIVERS.find(({ name }) => name === address.driver);
  if (entry === undefined) {
    throw new DriverError("DRIVER_INVALID", `Cannot find driver "${address.driver}" as it is new`);
  }
  const { cache, ...params } = address.params;
  const { open } = await entry.load();
  const driver = withSweep(await open({ ...address, params }, options), options.onWarning);
  return cache === undefined ? driver : await withCacheOf(cache, driver, options);
}

type WithCacheAt = (
  driver: Driver,
  cache: string,
  options: OpenDriverOptions,
) => Driver | Promise<Driver>;

async function withCacheOf(
  cache: DriverAddress["text"],
  driver: Driver,
  options: OpenDriverOptions,
): Promise<Driver> {
  try {
    const module: { readonly withCacheAt: WithCacheAt } = await import(
      new URL("./with_cache.ts", import.meta.url).href
    );
    return await module.withCacheAt(driver, cache, options);
  } catch (error) {
    await driver[Symbol.asyncDispose]();
    throw error;
  }
}
