import type { NodeCall } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";
import { renderTemplate } from "../templates/mod.ts";

/** What programs and clients have said: no templates, whatever is in it. */
const PLAIN: ReadonlySet<string> = new Set([
  "failedTaskError",
  "failedTaskStdout",
  "failedTaskStderr",
]);

/**
 * The entries of a script with the values of its input, all of them before the first one runs. `__jobID` is the
 * run's id.
 *
 * @throws {TemplateError}
 */
export function renderEntries(call: NodeCall, spec: ScriptNodeSpec): readonly string[] {
  const { input, run, node } = call;
  const isMap = typeof input === "object" && input !== null && !Array.isArray(input);
  const values: JsonObject = { ...isMap ? input as JsonObject : {}, __jobID: run.id };
  return spec.script.map((entry, index) =>
    renderTemplate(entry, values, { name: `entry ${index + 1} of node "${node.id}"`, plain: PLAIN })
  );
}
