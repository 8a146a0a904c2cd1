import type { Driver } from "../drivers/mod.ts";
import type { Place } from "./place.ts";

/** The drivers of one workflow by address, each opened on first use and shared by its runs. */
export class DriverPool implements AsyncDisposable {
  readonly #open: (address: string) => Promise<Driver>;
  readonly #drivers = new Map<string, Promise<Driver>>();

  constructor(open: (address: string) => Promise<Driver>) {
    this.#open = open;
  }

  /**
   * A driver that can be used now. One that could not be opened is tried again by the next who asks.
   *
   * @throws {DriverError} `DRIVER_INVALID`, `DRIVER_UNAVAILABLE`
   */
  async get(address: string): Promise<Place> {
    const key = address.trim();
    let opening = this.#drivers.get(key);
    if (opening === undefined) {
      opening = this.#open(key);
      this.#drivers.set(key, opening);
      opening.catch(() => this.#drivers.delete(key));
    }
    const driver = await opening;
    await driver.ready();
    return { key, driver };
  }

  /** Closes them all; rejects with the first failure after it has tried each. */
  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#drivers.values());
    this.#drivers.clear();
    const closed = await Promise.allSettled(
      opened.map(async (each) =>
        each.status === "fulfilled" ? await each.value[Symbol.asyncDispose]() : undefined
      ),
    );
    for (const each of closed) if (each.status === "rejected") throw each.reason;
  }
}
