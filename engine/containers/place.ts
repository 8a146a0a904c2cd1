import type { Driver } from "../drivers/mod.ts";

/** A driver and what it is told from others by: two addresses are two places, even of one engine. */
export interface Place {
  readonly key: string;
  readonly driver: Driver;
}
