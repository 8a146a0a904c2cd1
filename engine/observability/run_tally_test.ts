import assert from "node:assert/strict";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import { BUCKETS_S, RunTally } from "./run_tally.ts";

function event(body: RunEventBody): RunEvent {
  return { runId: "r", seq: 1, at: 0, ...body };
}

Deno.test("a tally puts durations into the bucket that they just fit", () => {
  const tally = new RunTally();
  for (const durationMs of [0, 1, 1.1, 300_000, 300_001]) {
    tally.add(event({ kind: "run.succeeded", durationMs }));
  }
  const { counts, total } = tally.runDuration;
  assert.equal(total, 5);
  assert.equal(counts[0], 2);
  assert.equal(counts[1], 1);
  assert.equal(counts[BUCKETS_S.length - 1], 1);
  assert.equal(counts[BUCKETS_S.length], 1);
});

Deno.test("a tally keeps the figures of a bounded number of nodes", () => {
  const tally = new RunTally();
  for (let i = 0; i < 3000; i++) {
    tally.add(event({ kind: "node.started", node: `n${i}`, attempt: 1 }));
  }
  assert.equal(tally.nodes.size, 1001);
  assert.equal(tally.nodes.get("(other)")?.attempts, 2000);
});
