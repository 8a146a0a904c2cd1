import type { ErrorRecord, RunEvent } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { isSameRequest, type TargetRequest } from "../target_request.ts";
import { openTarget, type TargetPlace } from "../open_target.ts";
import { asCancel } from "../run_signal.ts";
import { RunFailure } from "../run_failure.ts";
import { hintAtRun } from "../run_hint.ts";
import { printable } from "../terminal/mod.ts";
import { WorkspaceLine } from "../workspace_line.ts";
import { driverName } from "./driver_name.ts";

/** What `pd run NAME …` was asked of a pipeline. */
export interface PipelineRequest {
  readonly target: TargetRequest;
  readonly place: TargetPlace;
  /** The program's arguments, verbatim. */
  readonly args: readonly string[];
  readonly warnings: readonly string[];
  readonly timeoutMs: number | undefined;
}

/**
 * Runs a pipeline as if it were a program of this machine: its streams are those of the steps, and its exit code
 * is theirs.
 */
export async function runPipeline(cli: Cli, request: PipelineRequest): Promise<void> {
  const { io, out, prepared } = cli;
  const interrupt = io.interrupt();
  for (const warning of request.warnings) out.note(`warning ${warning}`);
  const early = prepared?.headStart;
  await using open = early !== undefined && isSameRequest(early.request, request.target)
    ? early
    : await openTarget(request.target, io, request.place);
  const { workflow } = open;
  open.onWarning((message) => out.note(message));
  const isJson = out.format === "json";
  open.onOutput(({ stream, text }) => {
    (stream === "stdout" && !isJson ? io.stdout : io.stderr).write(text);
  });
  const workspace = new WorkspaceLine(out, io.stderr);
  open.onWorkspace((progress) => workspace.show(progress));
  const failure = new RunFailure();
  const unsubscribe = workflow.subscribe((event) => {
    failure.event(event);
    showLog(event, cli);
  });
  try {
    const driver = request.target.driver;
    const run = await workflow.start({
      args: [...request.args],
      ...driver === undefined ? {} : { driver: driverName(driver) },
    }, {
      signal: asCancel(interrupt),
      ...request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs },
    });
    out.detail(`run ${run.id}`);
    const result = await run.result;
    if (!result.success) cli.exitCode = interrupt.aborted ? 130 : failure.exitCode ?? 1;
    if (isJson) out.result("", { ...result, exitCode: cli.exitCode } as unknown as JsonValue);
    else if (!result.success) {
      const errors = failure.errors.filter((error) => out.verbose || !isOwnEnd(error));
      for (const error of errors) out.error(error);
      const { storage } = workflow;
      const storageUrl = request.target.storage;
      if (errors.length > 0) {
        hintAtRun(cli, { result, failure, storage, storageUrl, isPipeline: true });
      }
    }
  } finally {
    unsubscribe();
    workspace.end();
  }
}

/** A program that ended with an exit code has said itself why. */
function isOwnEnd({ code, exitCode }: ErrorRecord): boolean {
  return code === "PIPELINE_FAILED" && exitCode !== undefined;
}

/** What the pipeline itself logs. What its steps write is shown as it comes, and logged besides. */
function showLog(event: RunEvent, { out }: Cli): void {
  if (event.kind !== "log" || isOfStep(event.fields)) return;
  const text = printable(event.message);
  if (event.level === "debug") out.detail(text);
  else if (event.level === "info") out.note(text);
  else out.warn(text);
}

function isOfStep(fields: JsonValue | undefined): boolean {
  return typeof fields === "object" && fields !== null && !Array.isArray(fields) &&
    "step" in fields && "stream" in fields;
}
