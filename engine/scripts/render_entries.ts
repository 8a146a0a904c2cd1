import type { NodeCall } from "../executor/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";

/** The entries of a script with the values of its input. */
export function renderEntries(_call: NodeCall, spec: ScriptNodeSpec): readonly string[] {
  return spec.script;
}
