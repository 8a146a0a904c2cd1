import type { RunStatus } from "../../executor/mod.ts";
import { isOver } from "../is_over.ts";
import type { RunFilter, RunRecord } from "../records.ts";
import type { Entry } from "./entry.ts";

const MAX_LIMIT = 1_000;

/** What is kept at the most of runs that are over. */
export interface Limits {
  readonly maxRuns: number;
  readonly maxBytes: number;
}

/** All runs. Those that are over give way to newer ones, the first to end first. */
export class Runs {
  readonly #entries = new Map<string, Entry>();
  /** In the order of their end. */
  readonly #over = new Set<Entry>();
  readonly #limits: Limits;
  #overBytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get(runId: string): Entry | undefined {
    return this.#entries.get(runId);
  }

  add(entry: Entry): void {
    this.#entries.set(entry.run.runId, entry);
  }

  /** A run has ended: it counts from now on, and others may have to go. */
  end(entry: Entry): void {
    this.#over.add(entry);
    this.#overBytes += entry.sizeBytes;
    for (const oldest of this.#over) {
      const { maxRuns, maxBytes } = this.#limits;
      // The newest stays however large it is: somebody waits for its result.
      if (oldest === entry || (this.#over.size <= maxRuns && this.#overBytes <= maxBytes)) break;
      this.delete(oldest);
    }
  }

  delete(entry: Entry): void {
    this.#entries.delete(entry.run.runId);
    if (this.#over.delete(entry)) this.#overBytes -= entry.sizeBytes;
  }

  /** Runs that are over, in the order of their end. */
  over(): readonly Entry[] {
    return [...this.#over];
  }

  /** Runs that are not over, oldest first. */
  unfinished(): Entry[] {
    const entries: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (!isOver(entry.run.status)) entries.push(entry);
    }
    return entries.sort((a, b) => byAge(a.run, b.run));
  }

  list(filter: RunFilter): readonly RunRecord[] {
    const before = filter.before === undefined ? undefined : this.#cursor(filter.before);
    const found: RunRecord[] = [];
    const keys = filter.workflowKeys && new Set(filter.workflowKeys);
    for (const { run } of this.#entries.values()) {
      if (keys?.has(run.workflowKey) === false) continue;
      if (matches(run, filter) && (before === undefined || byAge(run, before) < 0)) found.push(run);
    }
    found.sort((a, b) => byAge(b, a));
    const limit = Math.min(MAX_LIMIT, Math.max(1, Math.floor(filter.limit)));
    return found.slice(0, limit).map(toRecord);
  }

  count(workflowKey: string, status: RunStatus): number {
    let count = 0;
    for (const { run } of this.#entries.values()) {
      if (run.workflowKey === workflowKey && run.status === status) count++;
    }
    return count;
  }

  /** A UUIDv7 says when a run was created, also of one that is not there any more. */
  #cursor(runId: string): Age {
    const run = this.#entries.get(runId)?.run;
    if (run !== undefined) return run;
    const createdAt = parseInt(runId.replaceAll("-", "").slice(0, 12), 16);
    return { runId, createdAt: Number.isNaN(createdAt) ? 0 : createdAt };
  }
}

type Age = Pick<RunRecord, "createdAt" | "runId">;

function byAge(a: Age, b: Age): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0;
}

function matches(run: RunRecord, filter: RunFilter): boolean {
  const { workflow, workflowKey, status, createdAfter, createdBefore } = filter;
  return (workflow === undefined || run.workflow === workflow) &&
    (workflowKey === undefined || run.workflowKey === workflowKey) &&
    (status === undefined || status.includes(run.status)) &&
    (createdAfter === undefined || run.createdAt >= createdAfter) &&
    (createdBefore === undefined || run.createdAt <= createdBefore);
}

function toRecord(
  run: RunRecord & { readonly spec?: unknown; readonly input?: unknown },
): RunRecord {
  const { spec: _spec, input: _input, ...record } = run;
  return record;
}
