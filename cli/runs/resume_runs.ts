import { sleep, systemClock } from "../../engine/clock/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import { isOver, type StoredRun } from "../../engine/storage/mod.ts";
import type { Run, Workflow } from "../../engine/workflow/mod.ts";
import type { Cli } from "../cli.ts";
import { UsageError } from "../usage_error.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage, type RunStorage } from "../open_run_storage.ts";
import { printRun } from "./print_run.ts";
import { ownerText } from "./run_tree.ts";
import { findScope } from "./run_scope.ts";
import { shortIds } from "./short_ids.ts";
import { showRun } from "./shown_run.ts";
import { followRun, openWorkflowOf, type TakeUpFlags } from "./take_up_run.ts";

/** What `pd runs resume` was asked. */
export interface ResumeRequest extends TakeUpFlags {
  readonly id: string | undefined;
  readonly storage: string | undefined;
}

/** A lease is renewed three times before it runs out. */
const LEASE_INTERVALS = 4;

/** Takes up one run, or all of this folder that nobody goes on with, and brings them to their end. */
export async function resumeTargets(cli: Cli, request: ResumeRequest): Promise<void> {
  const { io } = cli;
  const interrupt = io.interrupt();
  const scope = await findScope(undefined, io.cwd);
  await using at = await openRunStorage(request.storage, io);
  const stored = request.id === undefined ? undefined : await findRun(request.id, at, scope);
  if (stored !== undefined) await checkResumable(stored, at);
  const workflowKey = stored?.workflowKey ?? scope.workflowKey;
  if (workflowKey === undefined) throw needsFolder();
  await using opened = await openWorkflowOf(
    { workflowKey, name: stored?.workflow },
    at,
    { cli, ...request },
  );
  const { workflow } = opened;
  if (stored === undefined) {
    return await followAll(cli, await workflow.resume(), { at, interrupt });
  }
  const run = await takeUp(stored, workflow, { at, interrupt, out: cli.out });
  // Somebody else was faster.
  if (run === undefined) throw await refusal(await at.storage.getRun(stored.runId) ?? stored, at);
  const followed = await followRun(cli, run, { interrupt, prefix: undefined });
  if (followed.result === undefined) leave(cli, stored.runId);
  else printRun(cli, followed, { storage: at.storage, storageUrl: request.storage });
}

/**
 * Takes up one run; `undefined` when another engine has it. Where a dead engine still holds it by a lease, that
 * is waited for.
 */
async function takeUp(
  { runId }: StoredRun,
  workflow: Workflow,
  { at, interrupt, out }: {
    readonly at: RunStorage;
    readonly interrupt: AbortSignal;
    readonly out: Cli["out"];
  },
): Promise<Run | undefined> {
  const { leaseIntervalMs = 0 } = at.storage;
  const giveUpAt = systemClock.monotonic() + LEASE_INTERVALS * leaseIntervalMs;
  for (let hasTold = false;; hasTold = true) {
    const [run] = await workflow.resume(runId);
    if (run !== undefined || interrupt.aborted) return run;
    const record = await at.storage.getRun(runId);
    const isDead = record !== undefined && !isOver(record.status) &&
      (await showRun(record, at.storage)).isOwnerAlive === false;
    if (!isDead || systemClock.monotonic() > giveUpAt) return undefined;
    if (!hasTold) out.note("its engine has ended: waiting for its lease to run out");
    await sleep(leaseIntervalMs / LEASE_INTERVALS, systemClock, interrupt);
  }
}

async function followAll(
  cli: Cli,
  runs: readonly Run[],
  { at, interrupt }: { readonly at: RunStorage; readonly interrupt: AbortSignal },
): Promise<void> {
  const { out } = cli;
  if (runs.length === 0) out.note("nothing to resume: every unfinished run has its engine");
  const ids = await shortIds(
    runs.map((run) => ({ runId: run.id, createdAt: run.summary.createdAt })),
    at.storage,
  );
  const followed = await Promise.all(
    runs.map((run) =>
      followRun(cli, run, {
        interrupt,
        prefix: runs.length === 1 ? undefined : out.errorColors.dim(ids.get(run.id) ?? run.id),
      })
    ),
  );
  const results = followed.flatMap(({ result }) => result ?? []);
  out.result(results.map(({ runId, status }) => `${runId} ${status}`).join("\n"), {
    runs: results as unknown as JsonValue,
  });
  const failed = followed.filter(({ result }) => result?.success === false);
  if (out.format === "text") { for (const { failure } of failed) failure.print(out); }
  if (failed.length > 0) cli.exitCode = 1;
  if (interrupt.aborted) leave(cli, undefined);
}

/** @throws {CodedError} `RUN_OVER`, `RUN_OWNED` */
async function checkResumable(run: StoredRun, at: RunStorage): Promise<void> {
  if (isOver(run.status)) {
    throw new CodedError(
      "RUN_OVER",
      `Cannot resume run "${run.runId}" as it is over: it ${verb(run.status)}`,
      { fix: `pd runs retry ${run.runId}` },
    );
  }
  if ((await showRun(run, at.storage)).isOwnerAlive) throw await refusal(run, at);
}

async function refusal(run: StoredRun, at: RunStorage): Promise<CodedError> {
  const owner = ownerText(await showRun(run, at.storage)) ?? "none, it is over";
  return new CodedError(
    "RUN_OWNED",
    `Cannot resume run "${run.runId}" as an engine goes on with it: ${owner}`,
    { fix: `pd runs logs ${run.runId} -f` },
  );
}

function verb(status: StoredRun["status"]): string {
  return status === "cancelled" ? "was cancelled" : status;
}

function needsFolder(): UsageError {
  return new UsageError(
    `Cannot run "pd runs resume" here as it needs a workflow's folder, or a run: neither is there`,
    "pd runs resume latest:interrupted",
  );
}

/** What was begun elsewhere is not ended by Ctrl-C: it waits for the next one who takes it up. */
function leave(cli: Cli, runId: string | undefined): void {
  cli.out.warn(`left unfinished: pd runs resume${runId === undefined ? "" : ` ${runId}`}`);
  cli.exitCode = 130;
}
