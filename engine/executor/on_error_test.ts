import assert from "node:assert/strict";
import { compile, type CompiledDag, sampleNode } from "../compiler/mod.ts";
import {
  after,
  brief,
  fails,
  gives,
  hangs,
  onErrorNode,
  play,
  type Script,
  specOf,
} from "./_play.ts";
import { resumeFrom, type RunEvent, type RunEventBody } from "./mod.ts";

const onError = onErrorNode();

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind} executor runs on_error after a failed run's other nodes, before the run is over`, async () => {
    const { clock, events, calls, result } = play({
      kind,
      onError,
      input: { branch: "main" },
      nodes: ["bad", "sibling", "later"],
      edges: ["bad -> later"],
      acts: { bad: after(5, fails()), sibling: after(50, gives(1)) },
    });
    await clock.advance(5);
    const { status, errors, outputs, timing } = await result;
    assert.deepEqual({ status, errors, outputs }, {
      status: "failed",
      errors: { bad: "NODE_FAILED: bad broke" },
      outputs: {},
    });
    assert.deepEqual(brief(events).slice(4), [
      "node.cancelled sibling#1",
      "node.skipped later",
      "node.started on_error#1",
      "node.succeeded on_error#1",
      "run.failed NODE_FAILED",
    ]);
    assert.ok("on_error" in timing.nodeTimings);
    assert.deepEqual(calls.at(-1)?.input, {
      branch: "main",
      failedTaskName: "bad",
      failedTaskExitCode: -1,
      failedTaskError: "bad broke",
      failedTaskStdout: "out of bad",
      failedTaskStderr: "at most 65536",
    });
  });

  Deno.test(`${kind} executor runs on_error once, for the first failure, without fail-fast too`, async () => {
    const { clock, events, calls, result } = play({
      kind,
      failFast: false,
      onError,
      nodes: ["a", "b"],
      acts: { a: after(20, fails()), b: after(10, fails()) },
    });
    await clock.advance(100);
    await result;
    const input = calls.at(-1)?.input as { readonly failedTaskName: string };
    assert.equal(input.failedTaskName, "b");
    assert.deepEqual(brief(events).slice(-3), [
      "node.started on_error#1",
      "node.succeeded on_error#1",
      "run.failed NODE_FAILED",
    ]);
  });

  Deno.test(`${kind} executor keeps the run's error when on_error fails as well`, async () => {
    const { events, result } = play({
      kind,
      onError,
      nodes: ["a"],
      acts: { a: fails(), on_error: fails("NODE_EXIT") },
    });
    assert.deepEqual((await result).errors, {
      a: "NODE_FAILED: a broke",
      on_error: "NODE_EXIT: on_error broke",
    });
    assert.equal(brief(events).at(-1), "run.failed NODE_FAILED");
  });

  Deno.test(`${kind} executor runs no on_error after a success, an allowed failure or a cancel`, async () => {
    for (const acts of [{}, { allowed: fails() }]) {
      const nodes = ["a", sampleNode("allowed", { allowFailure: true })];
      const { events, result } = play({ kind, onError, nodes, acts });
      assert.equal((await result).status, "succeeded");
      assert.ok(!brief(events).join().includes("on_error"));
    }
    const { events, result, cancel } = play({
      kind,
      onError,
      nodes: ["a"],
      acts: { a: after(50, gives(1)) },
    });
    await Promise.resolve();
    cancel();
    assert.equal((await result).status, "cancelled");
    assert.ok(!brief(events).join().includes("on_error"));
  });

  Deno.test(`${kind} executor cancels on_error by a cancel of the run, which has failed all the same`, async () => {
    const { clock, calls, events, result, cancel } = play({
      kind,
      onError,
      nodes: ["a"],
      acts: { a: fails(), on_error: after(50, gives(1)) },
    });
    while (calls.length < 2) await Promise.resolve();
    cancel();
    await clock.advance(0);
    assert.equal((await result).status, "failed");
    assert.deepEqual(brief(events).slice(-2), [
      "node.cancelled on_error#1",
      "run.failed NODE_FAILED",
    ]);
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor skips on_error of a run that is cancelled while its other nodes end`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      onError,
      nodes: ["bad", "stuck"],
      acts: { bad: after(5, fails()), stuck: hangs() },
    });
    await clock.advance(5);
    cancel();
    await clock.advance(10_000);
    assert.equal((await result).status, "failed");
    assert.deepEqual(brief(events).slice(-2), ["node.skipped on_error", "run.failed NODE_FAILED"]);
  });

  Deno.test(`${kind} executor goes on with on_error where a failed run was left, wherever that was`, async () => {
    for (const failFast of [true, false]) {
      const script: Script = {
        kind,
        onError,
        failFast,
        nodes: ["a", "b", "c"],
        edges: ["a -> b"],
        acts: { a: fails() },
      };
      const whole = play(script);
      await whole.result;
      const dag = compile(specOf(script)).dag as CompiledDag;
      for (let cut = 1; cut < whole.events.length; cut++) {
        const before = whole.events.slice(0, cut);
        const resume = resumeFrom(dag, before.map(eventOf));
        assert.ok(resume);
        const again = play({ ...script, resume });
        const { status, errors } = await again.result;
        assert.deepEqual([status, errors["a"]], ["failed", "NODE_FAILED: a broke"]);
        const all = brief([...before, ...again.events]);
        const ends = all.filter((line) => line.startsWith("node.succeeded on_error"));
        assert.equal(ends.length, 1, `cut ${cut}: ${all.join()}`);
        assert.equal(all.at(-1), "run.failed NODE_FAILED");
        assert.equal(all.filter((line) => line === "node.skipped b").length, 1);
      }
    }
  });
}

function eventOf(body: RunEventBody, index: number): RunEvent {
  return { ...body, runId: "run-1", seq: index + 1, at: index + 1 };
}
