import type { Cli } from "../cli.ts";
import { isSameRequest, type TargetRequest } from "../target_request.ts";
import { openTarget, type TargetPlace } from "../open_target.ts";
import { asCancel } from "../run_signal.ts";
import { RunFailure } from "../run_failure.ts";
import { WorkspaceLine } from "../workspace_line.ts";
import { driverName } from "./driver_name.ts";
import { printEnd, showLog, streamsOf } from "./pipeline_run.ts";

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
  open.onOutput(streamsOf(cli));
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
    printEnd(cli, {
      result,
      failure,
      storage: workflow.storage,
      storageUrl: request.target.storage,
      isInterrupted: interrupt.aborted,
    });
  } finally {
    unsubscribe();
    workspace.end();
  }
}
