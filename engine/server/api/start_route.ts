import { z } from "zod";
import type { JsonValue } from "../../json/mod.ts";
import { traceMembers } from "../../observability/mod.ts";
import { RunInterruptedError } from "../../workflow/mod.ts";
import { fingerprintOf, KEY_TTL_MS, readIdempotencyKey } from "../idempotency.ts";
import { type ApiContext, workflowOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { json, runStatus, workflowName } from "./schemas.ts";

/** What became of a wish to start a run. */
export const started = z.object({
  runId: z.string(),
  status: runStatus,
  isNew: z.boolean().meta({ description: "false when its Idempotency-Key started it before" }),
}).meta({ id: "StartedRun" });

const finished = z.object({
  runId: z.string(),
  status: runStatus,
  success: z.boolean(),
  outputs: z.record(z.string(), json).meta({ description: "By node" }),
  errors: z.record(z.string(), z.string()).meta({ description: "By node: `CODE: message`" }),
}).meta({ id: "RunResult" });

/** `POST /workflows/{workflow}/runs` */
export function startRoute(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/workflows/{workflow}/runs",
    id: "startRun",
    tag: "Runs",
    scope: "run",
    summary: "Start a run",
    description:
      "Answers at once with the run's id, or with `wait=true` when it is over. A caller that goes away does not cancel it.",
    params: z.strictObject({ workflow: workflowName }),
    query: z.strictObject({ wait: z.boolean().optional() }),
    headers: { "Idempotency-Key": "The same key within a day gives the same run" },
    body: z.strictObject({
      input: json.optional(),
      partition: z.string().max(1000).optional().meta({
        description: "Of the queue, in place of what queue_key finds in the input",
      }),
    }),
    answers: {
      200: { description: "The run is over, whatever its end", schema: finished },
      202: {
        description: "Accepted",
        schema: started,
        headers: { Location: "Where the run is shown" },
      },
    },
    async handle({ params, query, body, principal, request, answer }) {
      const { workflow } = workflowOf(context, principal, params.workflow);
      const { partition, input: given } = body;
      const input = (given ?? {}) as JsonValue;
      const key = readIdempotencyKey(request.headers);
      const idempotency = key === undefined ? undefined : {
        // One caller's keys are not another's.
        scope: `api:${principal.subject}`,
        key,
        ttlMs: KEY_TTL_MS,
        fingerprint: await fingerprintOf(JSON.stringify([input, partition ?? null])),
      };
      const { run, isNew } = await workflow.accept(input, {
        trigger: { type: "api", user: principal.subject, ...traceMembers(request.headers) },
        ...partition === undefined ? {} : { partition },
        ...idempotency === undefined ? {} : { idempotency },
      });
      const headers = { location: placeOf(run.id) };
      if (query.wait !== true) {
        return answer(202, { runId: run.id, status: run.status, isNew }, headers);
      }
      const { status, success, outputs, errors } = await run.result;
      if (status === "interrupted") {
        throw new RunInterruptedError(run.id, Object.values(errors)[0] ?? "it was left");
      }
      return answer(200, { runId: run.id, status, success, outputs, errors }, headers);
    },
  });
}

/** Where a run is shown. */
export function placeOf(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}`;
}
