import type { ExecutionResult } from "../engine/executor/mod.ts";
import type { Storage } from "../engine/storage/mod.ts";
import type { Cli } from "./cli.ts";
import type { RunFailure } from "./run_failure.ts";

/** What there is to know of a run that failed. */
export interface FailedRun {
  readonly result: ExecutionResult;
  readonly failure: RunFailure;
  readonly storage: Pick<Storage, "kind">;
  /** `--storage`, when it was given. */
  readonly storageUrl: string | undefined;
  /** A pipeline has one node, which nobody need hear of. */
  readonly isPipeline?: boolean;
}

/** Says how to look at a run that failed, and how to go on from there. Nothing for a run that is kept nowhere. */
export function hintAtRun(
  { out, io }: Cli,
  { result, failure, storage, storageUrl, isPipeline }: FailedRun,
): void {
  if (result.status !== "failed" || storage.kind === "memory" || out.format === "json") return;
  const { dim } = out.errorColors;
  const isFlag = storageUrl !== undefined && storageUrl !== io.env("PD_STORAGE");
  // An address may hold a password, which does not belong on the screen.
  const where = isFlag ? " --storage …" : "";
  const [node] = isPipeline ? [] : failure.failedNodes;
  const from = node === undefined ? "" : ` --from ${node}`;
  out.note(dim(`look at it: pd runs show ${result.runId}${where}`));
  out.note(dim(`go on:      pd runs retry ${result.runId}${from}${where}`));
}
