import type { ErrorRecord, ExecutionResult, RunEvent } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import type { Cli } from "../cli.ts";
import type { OutputListener } from "../open_target.ts";
import { type FailedRun, hintAtRun } from "../run_hint.ts";
import { printable } from "../terminal/mod.ts";

/** Is a workflow what a pipeline is laid out as? */
export function isPipeline({ nodes }: Pick<WorkflowSpec, "nodes">): boolean {
  const [node] = nodes;
  return nodes.length === 1 && node?.id === "pipeline" && node.kind === "code" &&
    node.path === "./main.ts" && node.permissions?.read?.length === 0;
}

/** Writes what the steps of a pipeline write where a program of this machine would. */
export function streamsOf({ io, out }: Pick<Cli, "io" | "out">): OutputListener {
  const isJson = out.format === "json";
  return ({ stream, text }) => (stream === "stdout" && !isJson ? io.stdout : io.stderr).write(text);
}

/** Shows what a pipeline itself logs. What its steps write is shown as it comes, and logged besides. */
export function showLog(event: RunEvent, { out }: Pick<Cli, "out">): void {
  if (event.kind !== "log" || isOfStep(event.fields)) return;
  const text = printable(event.message);
  if (event.level === "debug") out.detail(text);
  else if (event.level === "info") out.note(text);
  else out.warn(text);
}

/** Says how a pipeline ended, where it has not said so itself. Sets the exit code. */
export function printEnd(cli: Cli, ended: FailedRun & { readonly isInterrupted: boolean }): void {
  const { out } = cli;
  const { result, failure } = ended;
  if (!result.success) cli.exitCode = ended.isInterrupted ? 130 : failure.exitCode ?? 1;
  if (out.format === "json") return out.result("", resultJson(result, cli.exitCode));
  if (result.success) return;
  const errors = failure.errors.filter((error) => out.verbose || !isOwnEnd(error));
  for (const error of errors) out.error(error);
  if (errors.length > 0) hintAtRun(cli, { ...ended, isPipeline: true });
}

function resultJson(result: ExecutionResult, exitCode: number): JsonValue {
  return { ...result, exitCode } as unknown as JsonValue;
}

/** A program that ended with an exit code has said itself why. */
function isOwnEnd({ code, exitCode }: ErrorRecord): boolean {
  return code === "PIPELINE_FAILED" && exitCode !== undefined;
}

function isOfStep(fields: JsonValue | undefined): boolean {
  return typeof fields === "object" && fields !== null && !Array.isArray(fields) &&
    "step" in fields && "stream" in fields;
}
