import type { Clock } from "../../clock/mod.ts";
import type { Owner } from "../../storage/mod.ts";
import type { ApiClient } from "./client.ts";

/** What all parts of the driver share. */
export interface DockerContext {
  readonly client: ApiClient;
  /** `docker` or `podman`, for messages. */
  readonly driver: string;
  readonly clock: Clock;
  readonly owner: Owner;
  readonly machine: string;
  readonly isOwnerAlive: (owner: Owner) => Promise<boolean>;
  /** For `~/.docker/config.json`. */
  readonly env: (name: string) => string | undefined;
  onWarning(message: string): void;
}
