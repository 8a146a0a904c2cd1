import type { QueueTriggerSpec } from "../../spec/mod.ts";

/** What a queue trigger is called: its own name, else its subjects. */
export function queueTriggerName(
  { name, subjects }: Pick<QueueTriggerSpec, "name" | "subjects">,
): string {
  return name ?? subjects.join(",");
}

/**
 * The durable consumer of a trigger that names none. The same after a restart, and another one for another
 * trigger of the workflow.
 */
export function durableName(spec: QueueTriggerSpec, workflow: string): string {
  if (spec.durable !== undefined) return spec.durable;
  if (spec.queueGroup !== undefined) return spec.queueGroup;
  const name = queueTriggerName(spec).replaceAll("*", "any").replaceAll(">", "all");
  return `${workflow}-${name}`.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 200);
}
