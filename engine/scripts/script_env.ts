import type { NodeCall } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";

/** What signs the server's tokens: whoever has it may do anything. */
const SERVER_SECRETS = ["PD_JWT_SECRET", "PRUNNER_JWT_SECRET"] as const;
/** The kernel takes no longer entry than 128 KiB. */
const MAX_ENTRY_BYTES = 128 * 1024 - 64;
/** Nor more than about two megabytes in all, arguments included. */
const MAX_VALUES_BYTES = 1024 * 1024;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variables of a script, and the values of the input that do not fit into one. */
export interface ScriptEnv {
  readonly env: { readonly [name: string]: string };
  /** Names of values that are too long, or hold a NUL character. */
  readonly leftOut: readonly string[];
}

/**
 * The environment of a script: the engine's own variables, then the values of the input as `PD_VAR_<name>`, then
 * `TASK_NAME`, then what the node sets, and over all what the engine says of the run.
 */
export function scriptEnv(
  call: NodeCall,
  spec: ScriptNodeSpec,
  engine: { readonly [name: string]: string },
): ScriptEnv {
  const env: Record<string, string> = { ...engine };
  for (const name of SERVER_SECRETS) delete env[name];
  const { values, leftOut } = inputValues(call.input);
  Object.assign(env, values, { TASK_NAME: call.node.id }, spec.env, {
    PD_RUN_ID: call.run.id,
    PD_NODE: call.node.id,
    PD_ATTEMPT: String(call.attempt),
  });
  return { env, leftOut };
}

/** Text as it is, anything else as JSON. A name that is no identifier can be no variable. */
function inputValues(input: JsonValue) {
  const values: Record<string, string> = {};
  const leftOut: string[] = [];
  let roomBytes = MAX_VALUES_BYTES;
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { values, leftOut };
  }
  for (const [name, value] of Object.entries(input)) {
    if (!IDENTIFIER.test(name)) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const entryBytes = sizeOf(text) + name.length;
    if (entryBytes > MAX_ENTRY_BYTES || entryBytes > roomBytes || text.includes("\0")) {
      leftOut.push(name);
      continue;
    }
    roomBytes -= entryBytes;
    values[`PD_VAR_${name}`] = text;
  }
  return { values, leftOut };
}

function sizeOf(text: string): number {
  // A third of the limit fits in any case.
  return text.length * 3 < MAX_ENTRY_BYTES
    ? text.length * 3
    : new TextEncoder().encode(text).length;
}
