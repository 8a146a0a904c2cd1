import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { ErrorRecord } from "./events.ts";
import type { ExecutionContext } from "./workflow_executor.ts";

/** How much of each stream of the failed node is handed on: the end of it. */
export const FAILED_OUTPUT_BYTES = 64 * 1024;

/** What follows a failed run is called with: the run's input, and what is known of the first failure. */
export async function onErrorInput(
  { node, error }: { readonly node: string; readonly error: ErrorRecord },
  input: JsonValue,
  ctx: ExecutionContext,
): Promise<JsonObject> {
  const output = await ctx.outputOf?.(node, FAILED_OUTPUT_BYTES);
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return {
    ...isObject ? input as JsonObject : {},
    failedTaskName: node,
    failedTaskExitCode: error.exitCode ?? -1,
    failedTaskError: error.message,
    failedTaskStdout: output?.stdout ?? "",
    failedTaskStderr: output?.stderr ?? "",
  };
}
