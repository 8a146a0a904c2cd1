import { z } from "zod";
import { CodedError } from "../../errors/mod.ts";
import { fingerprintOf, KEY_TTL_MS, readIdempotencyKey } from "../idempotency.ts";
import { isOver } from "../event_stream.ts";
import { cancelAndWait } from "../runs_routes.ts";
import { type ApiContext, runOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { runId, runStatus } from "./schemas.ts";
import { placeOf, started } from "./start_route.ts";

const params = z.strictObject({ run: runId });
const state = z.object({ runId: z.string(), status: runStatus }).meta({ id: "RunState" });

/** What can be done to a run. */
export function runActions(context: ApiContext): readonly AnyApiRoute[] {
  return [cancel(context), resume(context), retry(context), remove(context)];
}

function cancel(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/runs/{run}/cancel",
    id: "cancelRun",
    tag: "Runs",
    scope: "run",
    summary: "End a run that waits or goes on",
    params,
    answers: {
      200: { description: "It is over, by this or before", schema: state },
      202: { description: "Another engine has it, and was told", schema: state },
    },
    async handle({ params, principal, answer }) {
      const { run } = await runOf(context, principal, params.run);
      const isEnded = await cancelAndWait(run, context.clock);
      return answer(isEnded ? 200 : 202, { runId: run.id, status: run.status });
    },
  });
}

function resume(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/runs/{run}/resume",
    id: "resumeRun",
    tag: "Runs",
    scope: "run",
    summary: "Go on with a run whose engine has ended",
    description: "This server does so by itself, as soon as it sees one; this is for at once.",
    params,
    answers: { 202: { description: "It goes on, or waits for its turn", schema: state } },
    async handle({ params, principal, answer }) {
      const { run, entry: { workflow } } = await runOf(context, principal, params.run);
      const [taken] = isOver(run) ? [] : await workflow.resume(run.id);
      if (taken === undefined) throw isOver(run) ? over(run.id) : owned(run.id);
      return answer(202, { runId: taken.id, status: taken.status });
    },
  });
}

function retry(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/runs/{run}/retry",
    id: "retryRun",
    tag: "Runs",
    scope: "run",
    summary: "Run again with the same input, from the start or from a node",
    params,
    headers: { "Idempotency-Key": "The same key within a day gives the same run" },
    body: z.strictObject({
      from: z.string().min(1).max(200).optional().meta({
        description: "Takes over what does not depend on this node",
      }),
    }),
    answers: {
      202: {
        description: "Accepted as a new run",
        schema: started,
        headers: { Location: "Where the run is shown" },
      },
    },
    async handle({ params, body: { from }, principal, request, answer }) {
      const { run, entry: { workflow } } = await runOf(context, principal, params.run);
      const key = readIdempotencyKey(request.headers);
      const askedAt = context.clock.now();
      const again = await workflow.retry(run.id, {
        user: principal.subject,
        ...from === undefined ? {} : { from },
        ...key === undefined ? {} : {
          idempotency: {
            scope: `api:${principal.subject}`,
            key,
            ttlMs: KEY_TTL_MS,
            fingerprint: await fingerprintOf(JSON.stringify(["retry", run.id, from ?? null])),
          },
        },
      });
      const isNew = key === undefined || again.summary.createdAt >= askedAt;
      const headers = { location: placeOf(again.id) };
      return answer(202, { runId: again.id, status: again.status, isNew }, headers);
    },
  });
}

function remove(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "DELETE",
    path: "/runs/{run}",
    id: "deleteRun",
    tag: "Runs",
    scope: "admin",
    summary: "Forget a run that is over",
    params,
    answers: { 204: { description: "It is gone" } },
    async handle({ params, principal, answer }) {
      const { run } = await runOf(context, principal, params.run);
      if (!isOver(run)) throw unfinished(run.id, run.status);
      await context.registry.storage.deleteRun(run.id);
      return answer(204);
    },
  });
}

function over(id: string): CodedError {
  return new CodedError("RUN_OVER", `Cannot resume run "${id}" as it is over`, {
    fix: `curl -X POST /api/v1/runs/${id}/retry`,
  });
}

function owned(id: string): CodedError {
  return new CodedError("RUN_OWNED", `Cannot resume run "${id}" as an engine goes on with it`, {
    fix: `curl /api/v1/runs/${id}`,
  });
}

function unfinished(id: string, status: string): CodedError {
  return new CodedError("RUN_UNFINISHED", `Cannot delete run "${id}" as asked: it is ${status}`, {
    fix: `curl -X POST /api/v1/runs/${id}/cancel`,
  });
}
