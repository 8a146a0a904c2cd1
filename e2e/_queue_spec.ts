import type { QueueTriggerSpec } from "../engine/spec/mod.ts";

/** A queue trigger as the file's defaults make it, with changes. */
export function queueSpec(changes: Partial<QueueTriggerSpec> = {}): QueueTriggerSpec {
  return {
    type: "queue",
    name: undefined,
    subjects: ["orders"],
    queueGroup: undefined,
    stream: undefined,
    durable: undefined,
    maxDeliver: 5,
    deadLetter: undefined,
    maxInFlight: 16,
    rateLimit: undefined,
    ...changes,
  };
}
