import { z } from "zod";
import { type ApiContext, visible, workflowOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { RECENT, RecentRuns } from "./recent_runs.ts";
import { workflowName } from "./schemas.ts";
import { lineOf, workflowDetails, workflowDetailsOf, workflowLine } from "./workflow_view.ts";

/** Workflows: the list, and one of them. */
export function workflowsRoutes(context: ApiContext): readonly AnyApiRoute[] {
  const { registry, clock } = context;
  const recent = new RecentRuns(registry, clock);
  return [
    defineRoute({
      method: "GET",
      path: "/workflows",
      id: "listWorkflows",
      tag: "Workflows",
      scope: "read",
      summary: "List workflows by name, with their last runs and their queue",
      query: z.strictObject({
        runs: z.int().min(0).max(RECENT).default(1).meta({
          description: "How many of each one's last runs are shown",
        }),
      }),
      answers: {
        200: {
          description: "All workflows that this token may see",
          schema: z.object({ workflows: z.array(workflowLine) }),
        },
      },
      async handle({ query, principal, answer }) {
        const workflows = await Promise.all(
          visible(context, principal).map(async (entry) => {
            const runs = query.runs === 0 ? [] : await recent.of(entry);
            return lineOf(entry, runs.slice(0, query.runs));
          }),
        );
        return answer(200, { workflows });
      },
    }),
    defineRoute({
      method: "GET",
      path: "/workflows/{workflow}",
      id: "showWorkflow",
      tag: "Workflows",
      scope: "read",
      summary: "Show a workflow: its inputs, graph, triggers, origin and problems",
      params: z.strictObject({ workflow: workflowName }),
      answers: { 200: { description: "The workflow", schema: workflowDetails } },
      async handle({ params, principal, answer }) {
        const entry = workflowOf(context, principal, params.workflow);
        const runs = await recent.of(entry);
        return answer(200, workflowDetailsOf(entry, { registry, runs }));
      },
    }),
  ];
}
