import assert from "node:assert/strict";
import { sampleNode } from "../compiler/mod.ts";
import { PdError } from "../errors/mod.ts";
import { after, brief, fails, gives, play, retrying } from "./_play.ts";

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind} executor fails fast: running siblings are cancelled, the rest is skipped`, async () => {
    const { clock, events, result } = play({
      kind,
      nodes: ["bad", "sibling", "later"],
      edges: ["bad -> later"],
      acts: { bad: after(5, fails()), sibling: after(50, gives(1)) },
    });
    await clock.advance(5);
    const { success, status, errors, outputs } = await result;
    assert.deepEqual({ success, status, outputs }, {
      success: false,
      status: "failed",
      outputs: {},
    });
    assert.deepEqual(errors, { bad: "NODE_FAILED: bad broke" });
    assert.deepEqual(brief(events), [
      "run.started",
      "node.started bad#1",
      "node.started sibling#1",
      "node.failed bad#1 NODE_FAILED",
      "node.cancelled sibling#1",
      "node.skipped later",
      "run.failed NODE_FAILED",
    ]);
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor tells a sibling why it must stop`, async () => {
    const { clock, calls, result } = play({
      kind,
      nodes: ["bad", "sibling"],
      acts: { bad: after(5, fails()), sibling: after(50, gives(1)) },
    });
    await clock.advance(5);
    await result;
    const reason: unknown = calls[1]?.signal.reason;
    assert.ok(reason instanceof PdError);
    assert.equal(reason.code, "NODE_CANCELLED");
    assert.equal(reason.message, 'Cannot finish the node as node "bad" failed: it was stopped');
  });

  Deno.test(`${kind} executor ends a sibling's wait for a retry on fail-fast`, async () => {
    const { clock, events, result } = play({
      kind,
      nodes: ["bad", retrying("waits")],
      acts: { bad: after(5, fails()), waits: fails() },
    });
    await clock.advance(5);
    assert.equal((await result).status, "failed");
    assert.ok(brief(events).includes("node.cancelled waits#1"));
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor keeps both errors when two nodes fail at once`, async () => {
    const { result } = play({
      kind,
      nodes: ["a", "b"],
      acts: { a: fails(), b: fails("NODE_EXIT") },
    });
    assert.deepEqual((await result).errors, { a: "NODE_FAILED: a broke", b: "NODE_EXIT: b broke" });
  });

  Deno.test(`${kind} executor goes on without a node that has allow_failure`, async () => {
    const { calls, events, result } = play({
      kind,
      nodes: [sampleNode("optional", { allowFailure: true }), "solid", "one", "both"],
      edges: ["optional -> one", "optional -> both", "solid -> both"],
      acts: { optional: fails() },
    });
    const { success, status, outputs, errors } = await result;
    assert.deepEqual({ success, status }, { success: true, status: "succeeded" });
    assert.deepEqual(errors, { optional: "NODE_FAILED: optional broke" });
    assert.deepEqual(outputs, { solid: "solid", both: "both", one: "one" });
    const inputs = Object.fromEntries(calls.map(({ node, input }) => [node.id, input]));
    assert.equal(inputs["one"], null);
    assert.deepEqual(inputs["both"], { optional: null, solid: "solid" });
    const failed = events.find((event) => event.kind === "node.failed");
    assert.equal(failed?.allowed, true);
    assert.equal(events.at(-1)?.kind, "run.succeeded");
  });
}
