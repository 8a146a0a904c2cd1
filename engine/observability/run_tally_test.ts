import assert from "node:assert/strict";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { OTHERS } from "./capped_map.ts";
import { RunTally } from "./run_tally.ts";
import { DURATION_BOUNDS_S } from "./spread.ts";

function event(body: RunEventBody, at = 0, runId = "r"): RunEvent {
  return { runId, seq: 1, at, ...body };
}

function started(trigger: JsonValue): RunEventBody {
  return { kind: "run.started", workflow: "w", version: "1.0", input: {}, trigger };
}

const CANCELLED: RunEventBody = {
  kind: "run.cancelled",
  durationMs: 1,
  error: { code: "RUN_CANCELLED", message: "as asked" },
};

Deno.test("a tally puts durations into the bucket that they just fit", () => {
  const tally = new RunTally();
  for (const durationMs of [0, 1, 1.1, 300_000, 300_001]) {
    tally.add(event({ kind: "run.succeeded", durationMs }));
  }
  const { counts, total } = tally.runDurationS;
  assert.equal(total, 5);
  assert.equal(counts[0], 2);
  assert.equal(counts[1], 1);
  assert.equal(counts[DURATION_BOUNDS_S.length - 1], 1);
  assert.equal(counts[DURATION_BOUNDS_S.length], 1);
});

Deno.test("a tally keeps the figures of a bounded number of nodes, triggers and types", () => {
  const tally = new RunTally();
  for (let i = 0; i < 3000; i++) {
    tally.add(event({ kind: "node.started", node: `n${i}`, attempt: 1 }));
    tally.add(event(started({ type: `type-${i}` }), 0, `run-${i}`));
    tally.triggers.count(`trigger-${i}`, "missed", 1);
  }
  assert.equal(tally.nodes.size, 1001);
  assert.equal(tally.nodes.get(OTHERS).attempts, 2000);
  assert.deepEqual([...tally.byTrigger].map(([name]) => name), ["other"]);
  assert.equal(tally.triggers.byName.size, 201);
});

Deno.test("a tally tells runs apart by what started them, to their end", () => {
  const tally = new RunTally();
  tally.add(event(started({ type: "cron", name: "daily" }), 0, "a"));
  tally.add(event(started({ type: "http" }), 0, "b"));
  tally.add(event({ kind: "run.succeeded", durationMs: 1 }, 1, "b"));
  tally.add(event({ kind: "run.succeeded", durationMs: 1 }, 1, "a"));
  assert.equal(tally.byTrigger.get("cron").ended.succeeded, 1);
  assert.equal(tally.byTrigger.get("http").ended.succeeded, 1);
});

Deno.test("a tally asks what started a run that another engine began", () => {
  const tally = new RunTally();
  tally.describeBy(() => ({ trigger: { type: "queue" } }));
  tally.add(event({ kind: "run.resumed", done: 1, unfinished: 1 }));
  tally.add(event({ kind: "run.succeeded", durationMs: 1 }));
  assert.equal(tally.resumed, 1);
  assert.equal(tally.byTrigger.get("queue").ended.succeeded, 1);
});

Deno.test("a tally measures the wait of runs that had to queue", () => {
  const tally = new RunTally();
  tally.add(event({ kind: "run.queued" }, 1_000, "a"));
  tally.add(event({ kind: "run.queued" }, 1_000, "b"));
  tally.add(event(started({ type: "http" }), 3_500, "a"));
  tally.add(event(CANCELLED, 4_000, "b"));
  tally.add(event(started({ type: "http" }), 5_000, "c"));
  assert.equal(tally.queueWaitS.total, 1);
  assert.equal(tally.queueWaitS.sum, 2.5);
  assert.equal(tally.byTrigger.get("unknown").ended.cancelled, 1);
});
