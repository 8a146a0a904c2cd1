import type { RunRecord, Storage } from "../storage/mod.ts";
import type { RunQuery, RunSummary } from "./run.ts";
import { summaryOf } from "./summary_of.ts";
import type { Views } from "./two_views.ts";

/** The most that a storage lists at a time. */
const PAGE = 1_000;

/** Where a list comes from. */
export interface ListRunsOptions {
  readonly storage: Storage;
  readonly workflowKeys: readonly string[];
  readonly views: Views;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Runs of a workflow, newest first. An unknown `before` gives nothing. */
export async function listRuns(
  { limit = Infinity, before, ...filter }: RunQuery,
  { storage, workflowKeys, views, now }: ListRunsOptions,
): Promise<readonly RunSummary[]> {
  const found: RunRecord[] = [];
  const [workflowKey] = workflowKeys;
  const whose = workflowKey !== undefined && workflowKeys.length === 1
    ? { workflowKey }
    : { workflowKeys };
  for (let last = before; found.length < limit;) {
    const page = await storage.listRuns({
      ...filter,
      ...whose,
      limit: Math.min(PAGE, limit - found.length),
      ...last === undefined ? {} : { before: last },
    });
    for (const record of page) found.push(record);
    last = page.at(-1)?.runId;
    if (last === undefined) break;
  }
  return found.map((record) => summaryOf(record, views, now));
}
