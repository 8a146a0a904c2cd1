import type { JsonObject } from "../json/mod.ts";
import type { TriggerSpec } from "../spec/mod.ts";
import { cronTriggers, nextTicks, type Trigger, type WebhookTrigger } from "../triggers/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { HOOKS } from "./hook_route.ts";
import { jsonResponse } from "./json_response.ts";
import type { RouteOptions } from "./route.ts";

/**
 * `GET /triggers`: what may start runs. `state` is `on` for what this engine listens to, `draining` during a
 * shutdown, and `off` with a `reason`, or without one where another keeps the schedule.
 */
export async function listTriggers(
  workflow: Workflow,
  { triggers, clock }: Pick<RouteOptions, "triggers" | "clock">,
): Promise<Response> {
  const { spec } = workflow.current;
  const open = triggers();
  const cronNames = new Map(cronTriggers(spec.triggers).map(({ spec, name }) => [spec, name]));
  const listed = spec.triggers.map(async (trigger) => {
    const name = trigger.type === "cron" ? cronNames.get(trigger) ?? null : trigger.name ?? null;
    const found = open.find((candidate) => isOf(candidate, trigger, name));
    const obstacle = found?.obstacle;
    const isOn = trigger.type === "manual" || (found !== undefined && obstacle === undefined);
    return {
      type: trigger.type,
      name: found?.name ?? name,
      state: !isOn ? "off" : workflow.draining ? "draining" : "on",
      reason: obstacle === undefined ? null : `${obstacle.code}: ${obstacle.message}`,
      ...await details(trigger, clock.now()),
    };
  });
  return jsonResponse(200, workflow.redact({ triggers: await Promise.all(listed) }));
}

function isOf(open: Trigger, spec: TriggerSpec, name: string | null): boolean {
  if (open.type !== spec.type) return false;
  if (spec.type === "webhook") return (open as WebhookTrigger).path === spec.path;
  if (spec.type === "queue") return open.name === (spec.name ?? spec.subjects.join(","));
  return open.name === name;
}

async function details(trigger: TriggerSpec, now: number): Promise<JsonObject> {
  switch (trigger.type) {
    case "manual":
      return {};
    case "cron": {
      const { schedule, timezone, overlap, catchUp } = trigger;
      const [nextAt = null] = await nextTicks(trigger, now, 1);
      return { schedule, timezone, overlap, catchUp, nextAt };
    }
    case "queue": {
      const { subjects, stream = null, durable = null } = trigger;
      return { subjects, stream, durable };
    }
    case "webhook": {
      const { path, verify = null, events = null } = trigger;
      return { path: `${HOOKS}${path}`, verify, events };
    }
  }
}
