import type { Clock } from "../clock/mod.ts";
import type { Owner } from "../storage/mod.ts";
import type { Driver } from "./driver.ts";
import type { DriverAddress } from "./driver_address.ts";

/** What every driver is opened with. */
export interface OpenDriverOptions {
  readonly clock: Clock;
  /** This process: whatever is made carries it, so that another one can tell what was left behind. */
  readonly owner: Owner;
  /** Whether the process that made something still lives; `isOwnerAlive` unless a test says otherwise. */
  readonly isOwnerAlive?: (owner: Owner) => Promise<boolean>;
  /** The environment that `DOCKER_HOST`, `KUBECONFIG` and the like are read from. */
  readonly env: (name: string) => string | undefined;
  readonly cwd: string;
  /** Where `native` keeps its volumes; made with mode 0700. */
  readonly dataDir: string;
  /** Whose volumes `?cache=…` keeps, such as a pipeline: one name in two scopes is two volumes. */
  readonly cacheScope?: string;
  /** What is worth telling, though nothing failed: a pull that takes long, a limit that is not enforced. */
  onWarning(message: string): void;
}

/** What `catalog.ts` loads from a driver's folder: its `mod.ts` exports this as `open`. */
export type OpenDriver = (address: DriverAddress, options: OpenDriverOptions) => Promise<Driver>;
