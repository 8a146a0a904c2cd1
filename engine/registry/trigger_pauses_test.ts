import assert from "node:assert/strict";
import type { WebhookTrigger } from "../triggers/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import type { RegisteredWorkflow } from "./registry.ts";

const TRIGGERS = `triggers:
  - { type: cron, name: daily, schedule: "0 9 * * *" }
  - { type: webhook, path: /pushed }
`;

function names(entry: RegisteredWorkflow | undefined): readonly string[] {
  return entry?.triggers().map(({ name }) => name) ?? [];
}

function deliver(entry: RegisteredWorkflow | undefined): Promise<unknown> {
  const hook = entry?.triggers().find(({ type }) => type === "webhook") as WebhookTrigger;
  return hook.receive({ headers: new Headers(), body: new TextEncoder().encode("{}") });
}

Deno.test("a trigger that is paused starts nothing until it goes on, over restarts and reloads", () =>
  withRegistry(flow("a", { more: TRIGGERS }), async ({ open, write }) => {
    const insecure = { insecureWebhooks: true };
    const registry = await open(insecure);
    await registry.begun();
    const entry = registry.get("a");
    assert.deepEqual(names(entry), ["daily", "/pushed"]);
    await deliver(entry);
    await entry?.pauseTrigger?.("daily", true);
    await entry?.pauseTrigger?.("/pushed", true);
    assert.deepEqual(entry?.pausedTriggers?.(), ["daily", "/pushed"]);
    assert.deepEqual(names(entry), ["/pushed"]);
    await assert.rejects(deliver(entry), { code: "TRIGGER_UNAVAILABLE", message: /paused/ });
    await write(flow("a", { answer: "'edited'", more: TRIGGERS }));
    await registry.reload();
    assert.deepEqual(names(entry), ["/pushed"]);

    const other = await open(insecure);
    await other.begun();
    const same = other.get("a");
    assert.deepEqual(names(same), ["/pushed"]);
    await same?.pauseTrigger?.("daily", false);
    await same?.pauseTrigger?.("/pushed", false);
    assert.deepEqual(names(same), ["daily", "/pushed"]);
    await registry.reload();
    assert.deepEqual(names(entry), ["daily", "/pushed"], "what another engine wrote counts");
    await deliver(entry);
    await assert.rejects(async () => await entry?.pauseTrigger?.("gone", true), {
      code: "NOT_FOUND",
    });
  }));
