import { CodedError } from "../../engine/errors/mod.ts";
import { isOver, type StoredRun } from "../../engine/storage/mod.ts";
import { asCancel } from "../run_signal.ts";
import type { Cli } from "../cli.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { printRun } from "./print_run.ts";
import { findScope } from "./run_scope.ts";
import { followRun, openWorkflowOf, type TakeUpFlags } from "./take_up_run.ts";

/** What `pd runs retry` was asked. */
export interface RetryRequest extends TakeUpFlags {
  readonly id: string;
  /** The node from which on everything runs again. */
  readonly from: string | undefined;
  readonly storage: string | undefined;
}

/** Starts a run with the input of an earlier one, shows it, and prints its output. */
export async function retryTarget(cli: Cli, request: RetryRequest): Promise<void> {
  const { io, out } = cli;
  const interrupt = io.interrupt();
  await using at = await openRunStorage(request.storage, io);
  const source = await findRun(request.id, at, await findScope(undefined, io.cwd));
  if (!isOver(source.status)) throw notOver(source);
  await using opened = await openWorkflowOf(
    { workflowKey: source.workflowKey, name: source.workflow },
    at,
    { cli, ...request },
  );
  const { workflow } = opened;
  const run = await workflow.retry(source.runId, {
    // Of its own run a person decides: Ctrl-C cancels it, as with pd run.
    signal: asCancel(interrupt),
    ...request.from === undefined ? {} : { from: request.from },
  });
  out.note(`run ${run.id} retries ${source.runId}`);
  const followed = await followRun(cli, run, { prefix: undefined });
  printRun(cli, followed, { storage: at.storage, storageUrl: request.storage });
  if (interrupt.aborted) cli.exitCode = 130;
}

/** A run that goes on may come to do the same a second time. */
function notOver({ runId, status }: StoredRun): CodedError {
  return new CodedError(
    "RUN_UNFINISHED",
    `Cannot retry run "${runId}" as it is not over: it is ${status}`,
    { fix: `pd runs cancel ${runId}, or pd runs resume ${runId} where its engine has ended` },
  );
}
