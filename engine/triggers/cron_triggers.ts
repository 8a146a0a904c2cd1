import type { CronTriggerSpec, TriggerSpec } from "../spec/mod.ts";

/** A cron trigger and what it is called. */
export interface NamedCronTrigger {
  readonly spec: CronTriggerSpec;
  readonly name: string;
}

/**
 * The cron triggers of a workflow with a name each: its own, or `cron-` and its position among them. State
 * and idempotency keys hang on it, so it stays the same when triggers of other types come and go.
 */
export function cronTriggers(triggers: readonly TriggerSpec[]): readonly NamedCronTrigger[] {
  const taken = new Set(triggers.map(({ name }) => name));
  return triggers.filter((spec) => spec.type === "cron").map((spec, position) => {
    let name = spec.name ?? `cron-${position}`;
    while (spec.name === undefined && taken.has(name)) name += "-unnamed";
    return { spec, name };
  });
}
