import type { RunStatus, RunSummary } from "./api_types.ts";

/** A page of a list of runs. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** `before` of the page that follows. */
  readonly next: string | null;
}

/** Which runs a list shows. */
export interface RunFilter {
  readonly workflow: readonly string[];
  readonly status: readonly string[];
  /** ISO 8601 date, or how far back: `1h`, `24h`, `7d`. */
  readonly since: string;
}

/** What every status of a run is called. */
export const RUN_STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
];

/** How far back a list may look. */
export const PERIODS: readonly {
  readonly id: string;
  readonly label: string;
  readonly ms: number;
}[] = [
  { id: "1h", label: "the last hour", ms: 3_600_000 },
  { id: "24h", label: "the last day", ms: 86_400_000 },
  { id: "7d", label: "the last week", ms: 7 * 86_400_000 },
  { id: "30d", label: "the last month", ms: 30 * 86_400_000 },
];

/** The filter that an address asks for. */
export function readFilter(query: URLSearchParams): RunFilter {
  return {
    workflow: query.getAll("workflow"),
    status: query.getAll("status").filter((status) => RUN_STATUSES.some((one) => one === status)),
    since: query.get("since") ?? "",
  };
}

/** Whether a list shows anything less than all. */
export function isFiltering({ workflow, status, since }: RunFilter): boolean {
  return workflow.length + status.length > 0 || since !== "";
}

/** What is asked of the API; whole minutes, so that the same filter is the same question for a while. */
export function queryOf({ workflow, status, since }: RunFilter, now: number): string {
  const query = new URLSearchParams();
  for (const one of workflow) query.append("workflow", one);
  for (const one of status) query.append("status", one);
  const start = startOf(since, now);
  if (start !== undefined) query.set("since", String(start));
  return query.toString();
}

/** Whether a list that is filtered so shows a run. */
export function isShown(
  run: RunSummary,
  { workflow, status, since }: RunFilter,
  now: number,
): boolean {
  return (workflow.length === 0 || workflow.includes(run.workflow)) &&
    (status.length === 0 || status.includes(run.status)) &&
    run.createdAt >= (startOf(since, now) ?? 0);
}

/** The list after a run has changed: in its place, at the top when it is new, gone when it is no longer meant. */
export function withRun(
  runs: readonly RunSummary[],
  run: RunSummary,
  isMeant: boolean,
): readonly RunSummary[] {
  const at = runs.findIndex(({ runId }) => runId === run.runId);
  if (!isMeant) return at < 0 ? runs : runs.toSpliced(at, 1);
  if (at >= 0) return runs.with(at, run);
  const place = runs.findIndex(({ createdAt }) => createdAt <= run.createdAt);
  // Older than all that are shown: it comes with its page.
  if (place < 0 && runs.length > 0) return runs;
  return runs.toSpliced(Math.max(0, place), 0, run);
}

function startOf(since: string, now: number): number | undefined {
  const period = PERIODS.find(({ id }) => id === since);
  if (period !== undefined) return Math.floor((now - period.ms) / 60_000) * 60_000;
  const at = Date.parse(since);
  return Number.isNaN(at) ? undefined : at;
}
