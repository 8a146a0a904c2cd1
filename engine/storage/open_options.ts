import type { Clock } from "../clock/mod.ts";
import type { Owner } from "./records.ts";
import type { Storage } from "./storage.ts";

/** What a storage needs of its surroundings. */
export interface OpenStorageOptions {
  readonly clock: Clock;
  /** For what an address leaves to the environment, such as `PGPASSWORD`. */
  readonly env?: (name: string) => string | undefined;
  /** What relative paths are relative to; the working directory when left out. */
  readonly cwd?: string;
  /**
   * How much of a database file is checked at the start: `bounded` (the default) reads a few megabytes at the
   * most, `full` the whole file, which takes about 2 ms a megabyte.
   */
  readonly check?: "bounded" | "full";
  /** Completed runs that `memory:` keeps; the oldest go first. */
  readonly memory?: { readonly maxRuns?: number; readonly maxBytes?: number };
  /** Whether an owner's process lives. Tests let owners die by it. */
  readonly isOwnerAlive?: (owner: Owner) => Promise<boolean>;
}

/** What `open.ts` of each folder exports. */
export interface StorageModule {
  /**
   * Opens the storage at `url`, whose scheme is the folder's own.
   *
   * @throws {StorageError} `STORAGE_INVALID`, `STORAGE_UNAVAILABLE`, `STORAGE_DAMAGED`, `STORAGE_TOO_NEW`
   */
  open(url: string, options: OpenStorageOptions): Promise<Storage>;
}
