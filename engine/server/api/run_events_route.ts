import { z } from "zod";
import { eventStream, isOver } from "../event_stream.ts";
import { SECURITY_HEADERS } from "../json_response.ts";
import { FieldError } from "../field_error.ts";
import { followElsewhere, STREAM_HEADERS } from "../runs_routes.ts";
import { type ApiContext, runOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { runEvent, runId } from "./schemas.ts";

const MAX_EVENTS = 1000;

/** `GET /runs/{run}/events`: as JSON, or live to whoever accepts `text/event-stream`. */
export function runEventsRoute(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/runs/{run}/events",
    id: "listRunEvents",
    tag: "Runs",
    scope: "read",
    summary: "Everything that happened in a run, in order; live as server-sent events",
    description:
      "With `Accept: text/event-stream` each event comes as it happens, until the run is over; `id` is its `seq`, and `Last-Event-ID` goes on behind it. Otherwise a page of events as JSON.",
    params: z.strictObject({ run: runId }),
    query: z.strictObject({
      after: z.int().min(0).optional().meta({ description: "Only those behind this `seq`" }),
      limit: z.int().min(1).max(MAX_EVENTS).default(MAX_EVENTS),
      follow: z.boolean().default(true).meta({
        description: "false ends the stream with what there is",
      }),
    }),
    headers: {
      "Last-Event-ID": "Goes on behind this `seq`",
      "Accept": "text/event-stream is live",
    },
    answers: {
      200: {
        description: "Events",
        schema: z.object({
          events: z.array(runEvent),
          next: z.int().nullable().meta({
            description:
              "`after` of the page that follows; null when the run is over and this was all",
          }),
        }),
        others: { "text/event-stream": "data: an event as one line of JSON" },
      },
      204: { description: "A stream that goes on behind the end of the run: there is no more" },
    },
    async handle({ params, query, principal, request, answer }) {
      const { entry, run } = await runOf(context, principal, params.run);
      const last = request.headers.get("last-event-id");
      const afterSeq = last === null ? query.after ?? 0 : readSeq(last);
      if (!wantsStream(request)) {
        const hasEnded = isOver(run);
        const events = await run.eventsSoFar(afterSeq, query.limit);
        const isAll = hasEnded && events.length < query.limit;
        const next = isAll ? null : events.at(-1)?.seq ?? afterSeq;
        return answer(200, { events, next });
      }
      const isDone = last !== null && isOver(run) &&
        (await run.eventsSoFar(afterSeq, 1)).length === 0;
      // Tells an EventSource, which reconnects after every end, that there is nothing more to come.
      if (isDone) return new Response(null, { status: 204, headers: SECURITY_HEADERS });
      const { follow } = query;
      const { clock } = context;
      return new Response(
        eventStream(run, {
          afterSeq,
          follow,
          clock,
          again: (left) => followElsewhere(entry.workflow, left),
        }),
        { headers: STREAM_HEADERS },
      );
    },
  });
}

/** Whether a request asks for server-sent events rather than JSON. */
export function wantsStream({ headers }: Request): boolean {
  return /\btext\/event-stream\b/i.test(headers.get("accept") ?? "");
}

function readSeq(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FieldError("Last-Event-ID", "ids of events are whole numbers", "Last-Event-ID: 0");
}
