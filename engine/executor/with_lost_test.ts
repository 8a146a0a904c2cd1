import assert from "node:assert/strict";
import { sampleNode } from "../compiler/mod.ts";
import { brief, fails, gives, loses, play, retrying } from "./_play.ts";

Deno.test("a lost attempt is run again at once, in a host of its own", async () => {
  const { calls, events, result, clock } = play({
    nodes: ["a"],
    acts: { a: [loses(), loses(), gives("third host")] },
  });
  const { success, outputs, timing } = await result;
  assert.deepEqual({ success, outputs }, { success: true, outputs: { a: "third host" } });
  assert.equal(timing.nodeTimings["a"]?.attempts, 3);
  assert.deepEqual(calls.map(({ exclusive }) => exclusive), [false, true, true]);
  assert.deepEqual(brief(events).slice(1, -1), [
    "node.started a#1",
    "node.lost a#1 NODE_LOST",
    "node.started a#2",
    "node.lost a#2 NODE_LOST",
    "node.started a#3",
    "node.succeeded a#3",
  ]);
  assert.equal(clock.now(), 1_000, "it waited");
});

Deno.test("lost attempts cost no retry", async () => {
  const { clock, events, result } = play({
    nodes: [retrying("a", { maxAttempts: 2 })],
    acts: { a: [loses(), fails(), loses(), gives("in the end")] },
  });
  await clock.advance(100);
  assert.deepEqual((await result).outputs, { a: "in the end" });
  assert.deepEqual(brief(events).slice(1, -1), [
    "node.started a#1",
    "node.lost a#1 NODE_LOST",
    "node.started a#2",
    "node.retrying a#2 in 100 NODE_FAILED",
    "node.started a#3",
    "node.lost a#3 NODE_LOST",
    "node.started a#4",
    "node.succeeded a#4",
  ]);
});

Deno.test("on_lost: fail does not run a lost node again, even where its policy would", async () => {
  const { calls, events, result } = play({
    nodes: [{ ...retrying("a"), onLost: "fail" }],
    acts: { a: loses() },
  });
  assert.deepEqual((await result).errors, {
    a: 'NODE_LOST: Cannot run node "a" again as its on_lost is "fail": its host was killed',
  });
  assert.equal(calls.length, 1);
  assert.deepEqual(brief(events).slice(2), [
    "node.lost a#1 NODE_LOST",
    "node.failed a#1 NODE_LOST",
    "run.failed NODE_LOST",
  ]);
});

Deno.test("a node that loses three hosts fails with NODE_LOST", async () => {
  const { calls, result } = play({ nodes: [retrying("a")], acts: { a: loses() } });
  assert.deepEqual((await result).errors, {
    a: 'NODE_LOST: Cannot finish node "a" as 3 of its attempts were lost: its host was killed',
  });
  assert.equal(calls.length, 3);
});

Deno.test("a node lost while the run stops is cancelled", async () => {
  const { events, result } = play({
    nodes: ["a", "b"],
    acts: { a: fails(), b: loses() },
    recorded: () => Promise.resolve(),
  });
  assert.equal((await result).status, "failed");
  assert.ok(
    brief(events).some((event) => event.startsWith("node.cancelled b#")),
    brief(events).join("\n"),
  );
});

Deno.test("allow_failure covers a lost node", async () => {
  const { result } = play({
    nodes: [sampleNode("a", { allowFailure: true, onLost: "fail" })],
    acts: { a: loses() },
  });
  assert.equal((await result).success, true);
});
