import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { printEnd } from "../pipelines/mod.ts";
import { type FailedRun, hintAtRun } from "../run_hint.ts";
import { outputOf } from "../run_target.ts";
import { type FollowedRun, isPipelineRun } from "./take_up_run.ts";

/** Prints what a run came to, as `pd run` does. Sets the exit code. */
export function printRun(
  cli: Cli,
  { run, result, failure }: FollowedRun,
  { storage, storageUrl }: Pick<FailedRun, "storage" | "storageUrl">,
): void {
  if (result === undefined) return;
  const { out } = cli;
  if (isPipelineRun(run)) {
    printEnd(cli, { result, failure, storage, storageUrl, isInterrupted: false });
    return;
  }
  if (result.success || out.format === "json") {
    out.result(textOf(outputOf(run.dag, result)), result as unknown as JsonValue);
  }
  if (result.success) return;
  if (out.format === "text") failure.print(out);
  hintAtRun(cli, { result, failure, storage, storageUrl });
  cli.exitCode = failure.exitCode ?? 1;
}

function textOf(output: JsonValue | undefined): string {
  if (output === undefined) return "";
  return typeof output === "string" ? output : JSON.stringify(output, null, 2);
}
