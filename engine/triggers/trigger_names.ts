import type { QueueTriggerSpec, TriggerSpec, WebhookTriggerSpec } from "../spec/mod.ts";
import { cronTriggers } from "./cron_triggers.ts";

/** What the triggers of a workflow are called, those by hand left out: state and pauses hang on it. */
export function triggerNames(triggers: readonly TriggerSpec[]): readonly string[] {
  const crons = cronTriggers(triggers).map(({ name }) => name);
  const others = triggers.filter((spec) => spec.type === "queue" || spec.type === "webhook");
  return [...crons, ...others.map(triggerName)];
}

/** Its own name, else its path or its subjects. */
export function triggerName(spec: QueueTriggerSpec | WebhookTriggerSpec): string {
  return spec.name ?? (spec.type === "webhook" ? spec.path : spec.subjects.join(","));
}
