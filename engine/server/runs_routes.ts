import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { Run, Workflow } from "../workflow/mod.ts";
import { eventStream, isOver } from "./event_stream.ts";
import { jsonResponse, SECURITY_HEADERS } from "./json_response.ts";
import { readFlag, readInteger, readStatuses } from "./query.ts";
import { runView } from "./run_view.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** `GET /runs`: newest first; `next` is the `before` of the page that follows, or null. */
export function listRuns(workflow: Workflow, request: Request): Response {
  const query = new URL(request.url).searchParams;
  const limit = readInteger(query, "limit", { fallback: DEFAULT_LIMIT, min: 1, max: MAX_LIMIT });
  const status = readStatuses(query);
  const before = query.get("before") ?? undefined;
  if (before !== undefined) findRun(workflow, before);
  // One more than asked for tells whether there is a page behind this one.
  const found = workflow.runs({
    limit: limit + 1,
    ...status === undefined ? {} : { status },
    ...before === undefined ? {} : { before },
  });
  const runs = found.slice(0, limit);
  const next = found.length > limit ? runs.at(-1)?.runId ?? null : null;
  return jsonResponse(200, { runs, next });
}

/** `GET /runs/{id}`. */
export async function showRun(workflow: Workflow, id: string): Promise<Response> {
  return jsonResponse(200, await runView(findRun(workflow, id)));
}

/** `POST /runs/{id}/cancel`: answers when the run is over, which takes no longer than its nodes are given to stop. */
export async function cancelRun(workflow: Workflow, id: string): Promise<Response> {
  const run = findRun(workflow, id);
  run.cancel();
  await run.result;
  return jsonResponse(200, { runId: run.id, status: run.status });
}

const STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  "cache-control": "no-store, no-transform",
  "content-type": "text/event-stream; charset=utf-8",
  // nginx would hold events back until its buffer is full.
  "x-accel-buffering": "no",
} as const;

/** `GET /runs/{id}/events`: continues after `Last-Event-ID` (or `?after=`). */
export function streamEvents(
  workflow: Workflow,
  request: Request,
  { id, clock }: { readonly id: string; readonly clock: Clock },
): Response {
  const run = findRun(workflow, id);
  const query = new URL(request.url).searchParams;
  const follow = readFlag(query, "follow", true);
  const lastEventId = request.headers.get("last-event-id");
  const afterSeq = lastEventId === null
    ? readInteger(query, "after", { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
    : readLastEventId(lastEventId);
  if (request.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
  const isDone = lastEventId !== null && isOver(run) && run.eventsSoFar(afterSeq, 1).length === 0;
  // 204 tells an EventSource, which reconnects after every end, that there is nothing more to come.
  if (isDone) return new Response(null, { status: 204, headers: SECURITY_HEADERS });
  return new Response(eventStream(run, { afterSeq, follow, clock }), { headers: STREAM_HEADERS });
}

function readLastEventId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError(
    "BAD_REQUEST",
    `Cannot read "${text}" as Last-Event-ID: ids of events are whole numbers`,
    { fix: "Last-Event-ID: 0" },
  );
}

function findRun(workflow: Workflow, id: string): Run {
  const run = workflow.run(id);
  if (run !== undefined) return run;
  throw new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${id}" as a run: it never was, or is too old to be remembered`,
    { fix: "GET /runs lists those that are" },
  );
}
