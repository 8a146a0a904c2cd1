import { parseDuration } from "../units/mod.ts";
import type { TriggerSpec } from "./types.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type TriggerFile = NonNullable<WorkflowFile["triggers"]>[number];

/** One trigger with its defaults filled in. */
export function normalizeTrigger(trigger: TriggerFile): TriggerSpec {
  const { type, name } = trigger;
  switch (type) {
    case "manual":
      return { type, name };
    case "cron":
      return {
        type,
        name,
        schedule: (trigger.schedule ?? "").trim(),
        timezone: trigger.timezone ?? "UTC",
        overlap: trigger.overlap ?? "forbid",
        catchUp: trigger.catch_up ?? "none",
        catchUpWindowMs: ms(trigger.window, 24 * 3_600_000),
        jitterMs: ms(trigger.jitter, 0),
      };
    case "queue":
      return {
        type,
        name,
        subjects: (trigger.subjects ?? [trigger.subject])
          .filter((subject) => subject !== undefined),
        queueGroup: trigger.queue_group,
        stream: trigger.stream,
        durable: trigger.durable,
        maxDeliver: trigger.max_deliver ?? 5,
        deadLetter: trigger.dead_letter,
        maxInFlight: trigger.max_in_flight ?? 16,
        rateLimit: trigger.rate_limit,
      };
    case "webhook":
      return {
        type,
        name,
        path: trigger.path ?? "/",
        verify: trigger.verify,
        secret: trigger.secret,
        events: typeof trigger.events === "string" ? [trigger.events] : trigger.events,
        toleranceMs: ms(trigger.tolerance, 5 * 60_000),
      };
  }
}

function ms(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : parseDuration(text) ?? fallback;
}
