import type { Clock } from "../../clock/mod.ts";
import type { ApiClient } from "../../kubernetes/mod.ts";
import type { Owner } from "../../storage/mod.ts";
import type { Settings } from "./settings.ts";

/** What every part of the driver works with. */
export interface KubernetesContext {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly owner: Owner;
  /** Where pids are those of `owner`. */
  readonly machine: string;
  /** Of this opening of the driver: names of two of them never meet. */
  readonly nonce: string;
  readonly isOwnerAlive: (owner: Owner) => Promise<boolean>;
  onWarning(message: string): void;
}
