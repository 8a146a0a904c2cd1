import assert from "node:assert/strict";
import { createRedactor } from "../context/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import {
  type CronTriggerSpec,
  DEFAULT_CONFIG,
  type TriggerSpec,
  type WebhookTriggerSpec,
} from "../spec/mod.ts";
import { openStorage } from "../storage/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { SettableClock } from "./_fake_host.ts";
import { keepTriggers, type KeptTriggers, type WebhookTrigger } from "./mod.ts";

const MINUTE_MS = 60_000;

function cron(name: string, schedule = "0 * * * *"): CronTriggerSpec {
  return {
    type: "cron",
    name,
    schedule,
    timezone: "UTC",
    overlap: "allow",
    catchUp: "none",
    catchUpWindowMs: 0,
    jitterMs: 0,
  };
}

function hook(path: string): WebhookTriggerSpec {
  return {
    type: "webhook",
    name: undefined,
    path,
    verify: undefined,
    secret: undefined,
    events: undefined,
    toleranceMs: 300_000,
  };
}

interface Bench {
  readonly triggers: KeptTriggers;
  readonly clock: SettableClock;
  /** What started runs, in order: `cron daily`, `webhook /a`. */
  readonly started: readonly string[];
  readonly log: readonly string[];
  /** What the workflow has from now on, as after a reload. */
  has(...triggers: readonly TriggerSpec[]): void;
  /** From now on runs are accepted once the returned function is called. */
  hold(): () => void;
  /** `cron daily`, … of what is at work. */
  names(): readonly string[];
  /** Hands a delivery to the webhook of that path. */
  deliver(path: string): Promise<unknown>;
}

async function withTriggers(
  first: readonly TriggerSpec[],
  test: (bench: Bench) => Promise<void>,
  who: "engine" | "configured" = "engine",
): Promise<void> {
  const clock = new SettableClock("2026-05-01T09:59:00Z");
  await using storage = await openStorage("memory:", { clock });
  const started: string[] = [];
  const log: string[] = [];
  let specs = first;
  let gate = Promise.resolve();
  const workflow = {
    dir: "/nowhere",
    workflowKey: "/nowhere",
    storage,
    secrets: {},
    redactor: createRedactor({}),
    liveRuns: [],
    get current() {
      return { spec: { name: "test-flow", triggers: specs, config: DEFAULT_CONFIG } };
    },
    async accept(_input: unknown, { trigger }: { trigger: JsonObject }) {
      await gate;
      started.push(`${trigger["type"]} ${trigger["name"]}`);
      const run = { id: `run-${started.length}`, result: new Promise(() => {}), cancel() {} };
      return { run, isNew: true };
    },
  } as unknown as Workflow;
  const triggers = await keepTriggers(workflow, {
    clock,
    random: () => 0,
    cron: who,
    insecureWebhooks: true,
    log: (level, message) => void (level === "error" && log.push(message)),
  });
  try {
    await test({
      triggers,
      clock,
      started,
      log,
      has: (...next) => void (specs = next),
      hold() {
        const held = Promise.withResolvers<void>();
        gate = held.promise;
        return held.resolve;
      },
      names: () => triggers.list().map(({ type, name }) => `${type} ${name}`),
      async deliver(path) {
        const found = triggers.list().find((trigger): trigger is WebhookTrigger =>
          trigger.type === "webhook" && trigger.name === path
        );
        return await found?.receive({ headers: new Headers(), body: new Uint8Array() });
      },
    });
  } finally {
    await triggers[Symbol.asyncDispose]();
  }
  assert.equal(clock.pending, 0);
}

Deno.test("webhooks are at work at once, schedules once they are told to begin, and once only", () =>
  withTriggers([hook("/a"), cron("hourly")], async (bench) => {
    assert.deepEqual(bench.names(), ["webhook /a"]);
    await bench.clock.advance(MINUTE_MS);
    assert.deepEqual(bench.started, []);
    await Promise.all([bench.triggers.begin(), bench.triggers.begin()]);
    assert.deepEqual(bench.names(), ["cron hourly", "webhook /a"]);
    await bench.deliver("/a");
    await bench.clock.advance(60 * MINUTE_MS);
    assert.deepEqual(bench.started, ["webhook /a", "cron hourly"]);
  }));

Deno.test("schedules that CronJobs keep are left alone", () =>
  withTriggers([hook("/a"), cron("hourly")], async (bench) => {
    await bench.triggers.begin();
    assert.deepEqual(bench.names(), ["webhook /a"]);
  }, "configured"));

Deno.test("after a reload those of the new version are at work, and no others", () =>
  withTriggers([hook("/a"), cron("hourly")], async (bench) => {
    await bench.triggers.begin();
    bench.has(hook("/b"), cron("half-hourly", "*/30 * * * *"));
    assert.deepEqual(bench.names(), ["cron hourly", "webhook /a"]);
    await bench.triggers.renew();
    assert.deepEqual(bench.names(), ["cron half-hourly", "webhook /b"]);
    assert.equal(await bench.deliver("/a"), undefined);
    await bench.clock.advance(61 * MINUTE_MS);
    assert.deepEqual(bench.started, Array(3).fill("cron half-hourly"));
  }));

Deno.test("a reload before they begin lets schedules wait all the same", () =>
  withTriggers([cron("hourly")], async (bench) => {
    bench.has(cron("daily", "0 10 * * *"));
    await bench.triggers.renew();
    assert.deepEqual(bench.names(), []);
    await bench.triggers.begin();
    assert.deepEqual(bench.names(), ["cron daily"]);
  }));

Deno.test("what a webhook has taken comes to its end over a reload and a drain", () =>
  withTriggers([hook("/a")], async (bench) => {
    const release = bench.hold();
    const taken = bench.deliver("/a");
    bench.has();
    await bench.triggers.renew();
    assert.deepEqual(bench.names(), []);
    let isDrained = false;
    const drained = bench.triggers.drain().then(() => isDrained = true);
    await bench.clock.advance(MINUTE_MS);
    assert.equal(isDrained, false);
    release();
    assert.deepEqual(await taken, { status: "accepted", runId: "run-1", isNew: true });
    await drained;
  }));

Deno.test("once they drain nothing new is taken or put to work", () =>
  withTriggers([hook("/a"), cron("hourly")], async (bench) => {
    await bench.triggers.begin();
    await bench.triggers.drain();
    await assert.rejects(bench.deliver("/a"), { code: "DRAINING" });
    bench.has(hook("/b"), cron("daily"));
    await Promise.all([bench.triggers.renew(), bench.triggers.begin()]);
    assert.deepEqual(bench.names(), ["cron hourly", "webhook /a"]);
    await bench.clock.advance(60 * MINUTE_MS);
    assert.deepEqual(bench.started, []);
  }));

Deno.test("triggers that cannot be opened are off and in the log, until a reload brings better ones", () =>
  withTriggers([hook("/a"), cron("broken", "not a schedule")], async (bench) => {
    await bench.triggers.begin();
    assert.deepEqual(bench.names(), ["webhook /a"]);
    assert.match(bench.log.join("\n"), /^triggers are off: .*not a schedule/);
    bench.has(hook("/a"), cron("hourly"));
    await bench.triggers.renew();
    assert.deepEqual(bench.names(), ["cron hourly", "webhook /a"]);
  }));
