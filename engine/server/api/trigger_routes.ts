import { z } from "zod";
import { CodedError } from "../../errors/mod.ts";
import { cronTriggers, forgetMissed, triggerNames } from "../../triggers/mod.ts";
import { type ApiContext, workflowOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { workflowName } from "./schemas.ts";

const state = z.object({
  workflow: z.string(),
  trigger: z.string(),
  isPaused: z.boolean(),
}).meta({ id: "TriggerState" });

/** Pauses triggers of workflows' files, and lets them go on. */
export function triggerRoutes(context: ApiContext): readonly AnyApiRoute[] {
  return [route(context, true), route(context, false)];
}

function route(context: ApiContext, isPaused: boolean): AnyApiRoute {
  const { clock } = context;
  return defineRoute({
    method: "POST",
    path: `/workflows/{workflow}/triggers/{trigger}/${isPaused ? "pause" : "resume"}`,
    id: isPaused ? "pauseTrigger" : "resumeTrigger",
    tag: "Schedules",
    scope: "run",
    summary: isPaused
      ? "Let a trigger of the workflow's file start nothing, until it is resumed"
      : "Let a trigger go on; what a schedule missed is not caught up",
    params: z.strictObject({ workflow: workflowName, trigger: z.string().min(1).max(200) }),
    answers: { 200: { description: "As it is now", schema: state } },
    async handle({ params, principal, answer }) {
      const entry = workflowOf(context, principal, params.workflow);
      const { trigger } = params;
      const { triggers } = entry.workflow.current.spec;
      if (!triggerNames(triggers).includes(trigger)) throw unknown(entry.name, trigger);
      if (entry.pauseTrigger === undefined) throw unavailable();
      const wasPaused = entry.pausedTriggers?.().includes(trigger) ?? false;
      const isCron = cronTriggers(triggers).some(({ name }) => name === trigger);
      if (wasPaused && !isPaused && isCron) {
        await forgetMissed(entry.workflow, trigger, {
          clock,
          random: Math.random,
          log: () => {},
        });
      }
      await entry.pauseTrigger(trigger, isPaused);
      return answer(200, { workflow: entry.name, trigger, isPaused });
    },
  });
}

function unknown(workflow: string, trigger: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${trigger}" as a trigger of "${workflow}": there is none of that name`,
    { fix: `GET /api/v1/workflows/${encodeURIComponent(workflow)} shows its triggers` },
  );
}

function unavailable(): CodedError {
  return new CodedError(
    "NOT_AVAILABLE",
    "Cannot pause a trigger as asked: this server puts none to work",
    { fix: "pd serve" },
  );
}
