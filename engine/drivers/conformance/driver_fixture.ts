import type { Owner } from "../../storage/mod.ts";
import type { Driver } from "../driver.ts";
import type { OpenDriverOptions } from "../open_options.ts";

/** A driver under test, and what a test knows of its surroundings. */
export interface DriverFixture {
  readonly driver: Driver;
  /** An image with `sh` and the usual small programs; `undefined` where there are no images. */
  readonly image: string | undefined;
  /** The name of a variable that the process of the test has, and containers must not have. */
  readonly hostVariable: string;
  /** How large the large file is that goes in and out. */
  readonly bigBytes: number;
  /** How many files the large folder has. */
  readonly manyFiles: number;
  /** The same driver as another engine opens it, without the sweep that `openDriver` starts by itself. */
  open(options: EngineOptions): Promise<Driver>;
  /** What there is of a run in the real world: `container …`, `process …`, `volume …`, `folder …`. */
  leftovers(runId: string): Promise<readonly string[]>;
}

/** Who another engine is. */
export interface EngineOptions {
  readonly owner: Owner;
  readonly isOwnerAlive?: NonNullable<OpenDriverOptions["isOwnerAlive"]>;
}
