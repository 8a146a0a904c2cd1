import { cancelledInQueue } from "../cancelled_in_queue.ts";
import { isOver } from "../is_over.ts";
import type { Lease, Owner, StoredRun } from "../records.ts";
import { addEvents, updateEntry } from "./entry.ts";
import type { Runs } from "./runs.ts";

/** Ids of owners whose process is gone. They never come back. */
export async function deadOwners(
  runs: Runs,
  isAlive: (owner: Owner) => Promise<boolean>,
): Promise<ReadonlySet<string>> {
  const owners = new Map<string, Owner>();
  for (const { run: { owner } } of runs.unfinished()) {
    if (owner !== undefined) owners.set(owner.id, owner);
  }
  const dead = new Set<string>();
  for (const owner of owners.values()) {
    if (!await isAlive(owner)) dead.add(owner.id);
  }
  return dead;
}

/** What to claim. */
export interface Claim {
  readonly owner: Owner;
  readonly dead: ReadonlySet<string>;
  readonly workflowKey?: string | undefined;
  readonly runId?: string | undefined;
  readonly limit: number;
}

/** Takes runs that nobody owns or that a dead engine owns, oldest first. */
export function claimRuns(
  runs: Runs,
  { owner, dead, workflowKey, runId, limit }: Claim,
): readonly { readonly run: StoredRun; readonly lease: Lease }[] {
  const free = runs.unfinished().filter(({ run }) =>
    (run.owner === undefined || dead.has(run.owner.id)) &&
    (workflowKey === undefined || run.workflowKey === workflowKey) &&
    (runId === undefined || run.runId === runId)
  );
  return free.slice(0, Math.max(0, limit)).map((entry) => {
    entry.token++;
    entry.run = { ...entry.run, owner };
    const lease = { runId: entry.run.runId, ownerId: owner.id, token: entry.token };
    return { run: entry.run, lease };
  });
}

/** Leaves a run without an owner, if the lease still counts. */
export function releaseRun(runs: Runs, lease: Lease): void {
  const entry = runs.get(lease.runId);
  if (entry?.run.owner?.id !== lease.ownerId || entry.token !== lease.token) return;
  entry.run = { ...entry.run, owner: undefined };
}

/** What came of a request to cancel a run. */
export type CancelOutcome = "over" | "requested" | "cancelled";

/** Marks a run for its owner, or ends it when it waits and no engine lives that would. */
export function requestCancel(
  runs: Runs,
  runId: string,
  { dead, now }: { readonly dead: ReadonlySet<string>; readonly now: number },
): CancelOutcome {
  const entry = runs.get(runId);
  if (entry === undefined || isOver(entry.run.status)) return "over";
  entry.run = { ...entry.run, cancelRequested: true };
  const { status, owner } = entry.run;
  if (status !== "queued" || (owner !== undefined && !dead.has(owner.id))) return "requested";
  const { event, update } = cancelledInQueue(entry.run, now);
  addEvents(entry, [event]);
  updateEntry(entry, update, now);
  runs.end(entry);
  return "cancelled";
}

/** Runs of an owner that somebody wants cancelled. */
export function cancelRequests(runs: Runs, owner: Owner): readonly string[] {
  return runs.unfinished()
    .filter(({ run }) => run.cancelRequested && run.owner?.id === owner.id)
    .map(({ run }) => run.runId);
}
