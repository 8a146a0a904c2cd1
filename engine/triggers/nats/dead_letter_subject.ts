import type { QueueTriggerSpec } from "../../spec/mod.ts";
import { queueTriggerName } from "./queue_trigger_name.ts";

/** Where the dead letters of one subject of a trigger go. */
export interface DeadLetterPlace {
  readonly trigger: string;
  /** As the trigger listens on it; may have wildcards. */
  readonly subject: string;
  readonly deadLetter: string;
}

/**
 * The subject that messages go to that were given up: `orders.created.dlq` for `orders.created`. A wildcard
 * becomes a word, as nothing can be published to one: `orders.any.dlq`, `orders.all.dlq`.
 */
export function deadLetterSubject(spec: QueueTriggerSpec, subject: string): string {
  if (spec.deadLetter !== undefined) return spec.deadLetter;
  const words = subject.split(".").map((word) =>
    word === "*" ? "any" : word === ">" ? "all" : word
  );
  return [...words, "dlq"].join(".");
}

/** Every place where a trigger puts dead letters. Core NATS has none. */
export function deadLetterPlaces(spec: QueueTriggerSpec): readonly DeadLetterPlace[] {
  if (!usesJetStream(spec)) return [];
  return spec.subjects.map((subject) => ({
    trigger: queueTriggerName(spec),
    subject,
    deadLetter: deadLetterSubject(spec, subject),
  }));
}

/** Whether the messages of a trigger come from JetStream. */
export function usesJetStream(spec: QueueTriggerSpec): boolean {
  return spec.stream !== undefined || spec.durable !== undefined;
}
