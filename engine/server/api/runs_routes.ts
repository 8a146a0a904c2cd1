import { z } from "zod";
import type { Clock } from "../../clock/mod.ts";
import { keyedEntries } from "../../registry/mod.ts";
import { FieldError } from "../field_error.ts";
import { type ApiContext, runOf, visible } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { detailsOf, runDetails } from "./run_details.ts";
import { runLine } from "./run_line.ts";
import { runId, runStatus, runSummary } from "./schemas.ts";

const when = z.union([z.int().min(0), z.iso.date(), z.iso.datetime({ offset: true })]);

/** Runs of all workflows: the list, and one of them. */
export function runsRoutes(context: ApiContext): readonly AnyApiRoute[] {
  const { registry, clock } = context;
  return [
    defineRoute({
      method: "GET",
      path: "/runs",
      id: "listRuns",
      tag: "Runs",
      scope: "read",
      summary: "List runs of all workflows, newest first",
      query: z.strictObject({
        workflow: z.array(z.string().min(1)).optional().meta({
          description: "Only those of these workflows",
        }),
        status: z.array(runStatus).optional().meta({ description: "Only those that stand so" }),
        since: when.optional().meta({
          description: "Only those accepted then or later: ISO 8601, or epoch milliseconds",
        }),
        until: when.optional().meta({ description: "Only those accepted then or earlier" }),
        before: runId.optional().meta({ description: "Only those before this one: `next`" }),
        limit: z.int().min(1).max(1000).default(50),
      }),
      answers: {
        200: {
          description: "A page of runs",
          schema: z.object({
            runs: z.array(runSummary),
            next: z.string().nullable().meta({ description: "`before` of the page that follows" }),
          }),
        },
      },
      async handle(
        { query: { workflow, status, since, until, before, limit }, principal, answer },
      ) {
        const seen = visible(context, principal);
        const entries = seen.filter(({ name }) => workflow?.includes(name) ?? true);
        const byKey = keyedEntries(entries);
        if (before !== undefined) {
          const last = await registry.storage.getRun(before);
          if (last === undefined || !keyedEntries(seen).has(last.workflowKey)) {
            throw new FieldError("before", "there is no such run", "Begin anew without it");
          }
        }
        // One more than asked for tells whether there is a page behind this one.
        const found = byKey.size === 0 ? [] : await registry.storage.listRuns({
          workflowKeys: [...byKey.keys()],
          limit: Math.min(limit + 1, 1000),
          ...status === undefined ? {} : { status },
          ...before === undefined ? {} : { before },
          ...since === undefined ? {} : { createdAfter: epochOf(since) },
          ...until === undefined ? {} : { createdBefore: epochOf(until) },
        });
        const runs = found.slice(0, limit).flatMap((record) => {
          const entry = byKey.get(record.workflowKey);
          return entry === undefined ? [] : [runLine(entry, entry.workflow.summaryOf(record))];
        });
        const isMore = found.length > limit || (limit === 1000 && found.length === limit);
        return answer(200, { runs, next: isMore ? runs.at(-1)?.runId ?? null : null });
      },
    }),
    showRoute(context, clock),
  ];
}

function showRoute(context: ApiContext, clock: Clock): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/runs/{run}",
    id: "showRun",
    tag: "Runs",
    scope: "read",
    summary: "Show a run: its graph, and where each node stands",
    params: z.strictObject({ run: runId }),
    answers: { 200: { description: "The run", schema: runDetails } },
    async handle({ params, principal, answer }) {
      const found = await runOf(context, principal, params.run);
      return answer(200, await detailsOf(found, clock.now()));
    },
  });
}

function epochOf(moment: number | string): number {
  return typeof moment === "number" ? moment : Date.parse(moment);
}
