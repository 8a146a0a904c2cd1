import type { Clock } from "../clock/mod.ts";
import type { Redactor, Secrets } from "../context/mod.ts";
import type { NodeCall } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ContainerSettings } from "./containers.ts";
import type { DriverPool } from "./driver_pool.ts";
import type { RunScope } from "./run_scope.ts";

/** What everything that runs in containers works with. */
export interface EngineParts {
  readonly settings: ContainerSettings;
  /** `config` of the workflow. */
  readonly config: { readonly [key: string]: JsonValue };
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly pool: DriverPool;
  /** Largest output of a node. */
  readonly maxOutputBytes: number;
  /** The run of a call, made when it is new. */
  scopeOf(call: NodeCall): RunScope;
}

/** The program has this long between SIGTERM and SIGKILL. */
export const STOP_GRACE_MS = 5_000;
/** The driver of those that name none. */
const DEFAULT_DRIVER = "docker";

/** The driver of a call: `own`, the one of the settings, the one of `config`, else Docker. */
export function driverOf(parts: EngineParts, call: NodeCall, own: string | undefined): string {
  return own ?? parts.settings.driver ?? configText(parts, call, "driver") ?? DEFAULT_DRIVER;
}

/** A text of `config`: the node's own, else the workflow's. */
export function configText(
  { config }: EngineParts,
  { node }: NodeCall,
  key: string,
): string | undefined {
  const value = node.spec.config[key] ?? config[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
