import { z } from "zod";
import { type ApiContext, visible } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { runLine } from "./run_line.ts";
import { runSummary } from "./schemas.ts";
import { figuresOf, queueFigures, registryProblem } from "./workflow_view.ts";

/** What waits, what could not be loaded, and loading it again. */
export function serverRoutes(context: ApiContext): readonly AnyApiRoute[] {
  const { registry } = context;
  return [
    defineRoute({
      method: "GET",
      path: "/queue",
      id: "showQueue",
      tag: "Queue",
      scope: "read",
      summary: "Runs that wait for their turn",
      query: z.strictObject({
        workflow: z.array(z.string().min(1)).optional().meta({ description: "Only these" }),
      }),
      answers: {
        200: {
          description: "The queue of each workflow that has runs",
          schema: z.object({
            queues: z.array(z.object({
              workflow: z.string(),
              figures: queueFigures,
              waiting: z.array(z.object({
                position: z.int().meta({ description: "1 starts next" }),
                run: runSummary,
              })),
            })),
          }),
        },
      },
      handle({ principal, query, answer }) {
        const queues = visible(context, principal)
          .filter(({ name }) => query.workflow?.includes(name) ?? true)
          .map((entry) => {
            const { workflow } = entry;
            const waiting = workflow.liveRuns.flatMap((run) => {
              const position = workflow.queuePosition(run.id);
              return position === undefined ? [] : [{ position, run: runLine(entry, run.summary) }];
            });
            return {
              workflow: entry.name,
              figures: figuresOf(workflow),
              waiting: waiting.sort((a, b) => a.position - b.position),
            };
          })
          .filter(({ figures }) => figures.running + figures.waiting > 0);
        return answer(200, { queues });
      },
    }),
    defineRoute({
      method: "GET",
      path: "/problems",
      id: "listProblems",
      tag: "Server",
      scope: "read",
      summary: "What could not be loaded; what was there before goes on",
      answers: { 200: { description: "Problems of the last look", schema: problems } },
      handle: ({ answer, principal }) =>
        // Places and messages tell of workflows that a narrow token may not see.
        answer(200, { problems: principal.workflows === undefined ? registry.problems() : [] }),
    }),
    defineRoute({
      method: "POST",
      path: "/reload",
      id: "reload",
      tag: "Server",
      scope: "admin",
      summary: "Look at all sources of workflows again",
      answers: { 200: { description: "What could not be loaded", schema: problems } },
      async handle({ answer }) {
        await registry.reload();
        return answer(200, { problems: registry.problems() });
      },
    }),
  ];
}

const problems = z.object({ problems: z.array(registryProblem) });
