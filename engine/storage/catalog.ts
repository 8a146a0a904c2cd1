import type { StorageModule } from "./open_options.ts";

/** One kind of storage: how its addresses look, and where it is. */
export interface StorageEntry {
  readonly schemes: readonly string[];
  readonly example: string;
  load(): Promise<StorageModule>;
}

/**
 * Every storage there is. The addresses of modules are computed, as the runtime loads whatever an import names
 * literally: a run that keeps nothing pays for no database.
 */
export const STORAGES: readonly StorageEntry[] = [
  {
    schemes: ["sqlite"],
    example: "sqlite:///path/to/runs.db",
    load: () => import(new URL("./sqlite/open.ts", import.meta.url).href),
  },
  {
    schemes: ["postgres", "postgresql"],
    example: "postgres://user@host/database",
    load: () => import(new URL("./postgres/open.ts", import.meta.url).href),
  },
  {
    schemes: ["memory"],
    example: "memory:",
    load: () => import(new URL("./memory/open.ts", import.meta.url).href),
  },
];
