import type { RunStatus } from "../../engine/executor/mod.ts";
import { isOver, type RunRecord } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { endOrphan } from "./end_orphan.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage, type RunStorage } from "../open_run_storage.ts";
import { findScope } from "./run_scope.ts";
import { ChangeWatch } from "./wait_change.ts";

/** What `pd runs cancel` was asked. */
export interface CancelRequest {
  readonly ids: readonly string[];
  readonly wait: boolean;
  readonly storage: string | undefined;
}

/** What became of one run. */
interface Cancelled {
  readonly runId: string;
  readonly status: RunStatus;
  /** False when it was over already. */
  readonly asked: boolean;
}

/** Cancels runs, whichever engine has them, and waits until they are over. */
export async function cancelRuns(cli: Cli, request: CancelRequest): Promise<void> {
  const { io, out } = cli;
  const interrupt = io.interrupt();
  await using at = await openRunStorage(request.storage, io);
  const scope = await findScope(undefined, io.cwd);
  // Nothing is cancelled when one of the ids means nothing.
  const runs = await Promise.all(request.ids.map((id) => findRun(id, at, scope)));
  const cancelled = await Promise.all(
    runs.map((run) => cancelOne(run, at, { wait: request.wait, interrupt })),
  );
  out.result(cancelled.map(line).join("\n"), { storage: at.address, runs: [...cancelled] });
  if (interrupt.aborted) cli.exitCode = 130;
}

async function cancelOne(
  run: RunRecord,
  { storage }: RunStorage,
  { wait, interrupt }: { readonly wait: boolean; readonly interrupt: AbortSignal },
): Promise<Cancelled & { readonly [key: string]: string | boolean }> {
  const { runId } = run;
  using changes = new ChangeWatch(storage, runId, interrupt);
  const asked = await storage.requestCancel(runId);
  for (;;) {
    if (asked) await endOrphan(runId, storage);
    const now = await storage.getRun(runId);
    const status = now?.status ?? run.status;
    if (now === undefined || isOver(status) || !wait || interrupt.aborted) {
      return { runId, status, asked };
    }
    await changes.next();
  }
}

function line({ runId, status, asked }: Cancelled): string {
  if (!asked) return `${runId} was over already: ${status}`;
  return isOver(status) ? `${runId} ${status}` : `${runId} is asked to stop: still ${status}`;
}
