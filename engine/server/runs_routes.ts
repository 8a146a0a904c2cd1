import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { Run, Workflow } from "../workflow/mod.ts";
import { eventStream, isOver } from "./event_stream.ts";
import { findRun } from "./find_run.ts";
import { jsonResponse, SECURITY_HEADERS } from "./json_response.ts";
import { readFlag, readInteger, readMoment, readStatuses } from "./query.ts";
import { runView } from "./run_view.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;
/** How long a cancel is waited for: another engine may have the run. */
const CANCEL_PATIENCE_MS = 10_000;

/** `GET /runs`: newest first; `next` is the `before` of the page that follows, or null. */
export async function listRuns(workflow: Workflow, request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const limit = readInteger(query, "limit", { fallback: DEFAULT_LIMIT, min: 1, max: MAX_LIMIT });
  const status = readStatuses(query);
  const before = query.get("before") ?? undefined;
  const createdAfter = readMoment(query, "since");
  const createdBefore = readMoment(query, "until");
  if (before !== undefined) await findRun(workflow, before);
  // One more than asked for tells whether there is a page behind this one.
  const found = await workflow.runs({
    limit: limit + 1,
    ...status === undefined ? {} : { status },
    ...before === undefined ? {} : { before },
    ...createdAfter === undefined ? {} : { createdAfter },
    ...createdBefore === undefined ? {} : { createdBefore },
  });
  const runs = found.slice(0, limit);
  const next = found.length > limit ? runs.at(-1)?.runId ?? null : null;
  return jsonResponse(200, { runs, next });
}

/** `GET /runs/{id}`. */
export async function showRun(workflow: Workflow, id: string): Promise<Response> {
  return jsonResponse(200, await runView(await findRun(workflow, id)));
}

/**
 * `POST /runs/{id}/cancel`: answers when the run is over, which takes no longer than its nodes are given to
 * stop; with 202 when another engine has it and has not ended it yet.
 */
export async function cancelRun(
  workflow: Workflow,
  { id, clock }: { readonly id: string; readonly clock: Clock },
): Promise<Response> {
  const run = await findRun(workflow, id);
  const isEnded = await cancelAndWait(run, clock);
  return jsonResponse(isEnded ? 200 : 202, { runId: run.id, status: run.status });
}

/** Cancels a run; false when it is not over yet, as another engine has it. */
export async function cancelAndWait(run: Run, clock: Clock): Promise<boolean> {
  run.cancel();
  return await within(CANCEL_PATIENCE_MS, run.result, clock);
}

/** `POST /runs/{id}/retry`: a new run that keeps what the first one has done, but for `?from=` and what follows it. */
export async function retryRun(
  workflow: Workflow,
  request: Request,
  id: string,
): Promise<Response> {
  await findRun(workflow, id);
  const from = new URL(request.url).searchParams.get("from") ?? undefined;
  const run = await workflow.retry(id, from === undefined ? {} : { from });
  return jsonResponse(202, { runId: run.id }, { location: `/runs/${run.id}` });
}

/** `DELETE /runs/{id}`: forgets a run that is over. */
export async function deleteRun(workflow: Workflow, id: string): Promise<Response> {
  const run = await findRun(workflow, id);
  if (!isOver(run)) throw notOver(run);
  await workflow.storage.deleteRun(id);
  return new Response(null, { status: 204, headers: SECURITY_HEADERS });
}

/** Headers of a stream of events. */
export const STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  "cache-control": "no-store, no-transform",
  "content-type": "text/event-stream; charset=utf-8",
  // nginx would hold events back until its buffer is full.
  "x-accel-buffering": "no",
} as const;

/** `GET /runs/{id}/events`: continues after `Last-Event-ID` (or `?after=`). */
export async function streamEvents(
  workflow: Workflow,
  request: Request,
  { id, clock }: { readonly id: string; readonly clock: Clock },
): Promise<Response> {
  const run = await findRun(workflow, id);
  const query = new URL(request.url).searchParams;
  const follow = readFlag(query, "follow", true);
  const lastEventId = request.headers.get("last-event-id");
  const afterSeq = lastEventId === null
    ? readInteger(query, "after", { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
    : readLastEventId(lastEventId);
  if (request.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
  const isDone = lastEventId !== null && isOver(run) &&
    (await run.eventsSoFar(afterSeq, 1)).length === 0;
  // 204 tells an EventSource, which reconnects after every end, that there is nothing more to come.
  if (isDone) return new Response(null, { status: 204, headers: SECURITY_HEADERS });
  const again = (left: Run) => followElsewhere(workflow, left);
  return new Response(eventStream(run, { afterSeq, follow, clock, again }), {
    headers: STREAM_HEADERS,
  });
}

/** Whoever follows a run that this engine gave up follows what the storage has of it, unless the engine ends. */
export async function followElsewhere(workflow: Workflow, left: Run): Promise<Run | undefined> {
  // Until then it is still one of the engine's own.
  if (workflow.liveRuns.includes(left)) await left.result;
  if (workflow.draining) return undefined;
  const found = await workflow.run(left.id);
  return found === left ? undefined : found;
}

function readLastEventId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError(
    "BAD_REQUEST",
    `Cannot read "${text}" as Last-Event-ID: ids of events are whole numbers`,
    { fix: "Last-Event-ID: 0" },
  );
}

/** Whether `work` is done in time. */
function within(delayMs: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stopTimer = clock.after(delayMs, () => resolve(false));
    work.then(() => resolve(true), reject).finally(stopTimer);
  });
}

function notOver({ id, status }: Run): CodedError {
  return new CodedError(
    "RUN_UNFINISHED",
    `Cannot delete run "${id}" as asked: it is ${status}`,
    { fix: `POST /runs/${id}/cancel first` },
  );
}
