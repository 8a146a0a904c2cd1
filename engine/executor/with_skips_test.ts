import assert from "node:assert/strict";
import {
  compile,
  type CompiledDag,
  randomWorkflow,
  sampleNode,
  seededRandom,
} from "../compiler/mod.ts";
import type { NodeSpec } from "../spec/mod.ts";
import { after, brief, fails, gives, play, specOf } from "./_play.ts";
import { resumeFrom, type RunEvent, type RunEventBody } from "./mod.ts";

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind} executor without fail-fast skips what depends on a failed node, and goes on`, async () => {
    const { clock, events, result } = play({
      kind,
      failFast: false,
      nodes: ["bad", "below", "deep", "sibling", "more"],
      edges: ["bad -> below", "below -> deep", "sibling -> more"],
      acts: { bad: after(5, fails()), sibling: after(50, gives(1)) },
    });
    await clock.advance(100);
    const { success, status, outputs, errors } = await result;
    assert.deepEqual({ success, status, outputs, errors }, {
      success: false,
      status: "failed",
      outputs: { sibling: 1, more: "more" },
      errors: { bad: "NODE_FAILED: bad broke" },
    });
    assert.deepEqual(brief(events), [
      "run.started",
      "node.started bad#1",
      "node.started sibling#1",
      "node.failed bad#1 NODE_FAILED",
      "node.skipped below",
      "node.skipped deep",
      "node.succeeded sibling#1",
      "node.started more#1",
      "node.succeeded more#1",
      "run.failed NODE_FAILED",
    ]);
  });

  Deno.test(`${kind} executor without fail-fast keeps the first failure as the run's error`, async () => {
    const { clock, events, result } = play({
      kind,
      failFast: false,
      nodes: ["a", "b"],
      acts: { a: after(20, fails("NODE_EXIT")), b: after(10, fails()) },
    });
    await clock.advance(100);
    await result;
    assert.equal(brief(events).at(-1), "run.failed NODE_FAILED");
  });

  Deno.test(`${kind} executor without fail-fast is cancelled by a cancel, whatever failed before`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      failFast: false,
      nodes: ["bad", "below", "sibling", "later"],
      edges: ["bad -> below", "sibling -> later"],
      acts: { bad: after(5, fails()), sibling: after(50, gives(1)) },
    });
    await clock.advance(10);
    cancel();
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(brief(events).slice(4), [
      "node.skipped below",
      "node.cancelled sibling#1",
      "node.skipped later",
      "run.cancelled RUN_CANCELLED",
    ]);
  });

  Deno.test(`${kind} executor without fail-fast skips exactly the dependents of failed nodes, on 300 random graphs`, async () => {
    const random = seededRandom(23);
    for (let round = 0; round < 300; round++) {
      const { nodes, edges, acts, failing } = randomFailures(random);
      const dag = dagOf(nodes, edges);
      const { events, result } = play({ kind, failFast: false, nodes, edges, acts });
      const { status, outputs } = await result;
      const expected = skippedBy(dag, failing);
      const skipped = namesOf(events, "node.skipped");
      assert.deepEqual(skipped.toSorted(), [...expected].sort(), "skipped");
      const failed = namesOf(events, "node.failed");
      const allowed = dag.nodes.filter(({ spec }) => spec.allowFailure).map(({ id }) => id);
      const ran = dag.nodes.map(({ id }) => id).filter((id) => !expected.has(id));
      const good = ran.filter((id) => !failing.has(id) && !allowed.includes(id));
      assert.deepEqual(Object.keys(outputs).sort(), good.sort(), "done");
      const first = events.find((event) => event.kind === "node.failed" && !event.allowed);
      const last = events.at(-1);
      if (first === undefined) assert.equal(status, "succeeded");
      else {
        assert.equal(status, "failed");
        assert.ok(first.kind === "node.failed" && last?.kind === "run.failed");
        assert.deepEqual(last.error, first.error);
      }
      assert.equal(new Set([...failed, ...skipped]).size, failed.length + skipped.length);
    }
  });

  Deno.test(`${kind} executor without fail-fast ends a run the same wherever it is taken up, on 100 random graphs`, async () => {
    const random = seededRandom(31);
    for (let round = 0; round < 100; round++) {
      const script = { kind, failFast: false, ...randomFailures(random) };
      const whole = play(script);
      const { status, outputs, errors } = await whole.result;
      const cut = 1 + Math.floor(random() * (whole.events.length - 1));
      const dag = compile(specOf(script)).dag as CompiledDag;
      const resume = resumeFrom(dag, whole.events.slice(0, cut).map(eventOf));
      assert.ok(resume);
      const again = play({ ...script, resume });
      const second = await again.result;
      assert.deepEqual({ status: second.status, outputs: second.outputs, errors: second.errors }, {
        status,
        outputs,
        errors,
      });
      const skipped = [...whole.events.slice(0, cut), ...again.events];
      assert.deepEqual(
        namesOf(skipped, "node.skipped").toSorted(),
        namesOf(whole.events, "node.skipped").toSorted(),
      );
    }
  });
}

function randomFailures(random: () => number) {
  const count = 1 + Math.floor(random() * 20);
  const spec = randomWorkflow(count, Math.floor(random() * count * 2), random);
  const failing = new Set<string>();
  const acts: Record<string, ReturnType<typeof fails>> = {};
  const nodes = spec.nodes.map(({ id }): NodeSpec => {
    const draw = random();
    if (draw < 0.35) acts[id] = fails();
    if (draw < 0.2) failing.add(id);
    return sampleNode(id, { allowFailure: draw >= 0.2 && draw < 0.35 });
  });
  const edges = spec.edges.map(({ from, to }) => `${from} -> ${to}`);
  return { nodes, edges, acts, failing };
}

/** By another way than the executor's: a node is skipped when something it depends on failed or was skipped. */
function skippedBy(dag: CompiledDag, failing: ReadonlySet<string>): Set<string> {
  const skipped = new Set<string>();
  for (const { id, dependencies } of dag.nodes) {
    const names = dependencies.map((index) => dag.nodes[index]?.id ?? "");
    if (names.some((name) => skipped.has(name) || failing.has(name))) skipped.add(id);
  }
  return skipped;
}

function dagOf(nodes: readonly NodeSpec[], edges: readonly string[]): CompiledDag {
  const { dag } = compile(specOf({ nodes, edges }));
  assert.ok(dag);
  return dag;
}

function namesOf(events: readonly RunEventBody[], kind: "node.skipped" | "node.failed"): string[] {
  return events.flatMap((event) => event.kind === kind ? [event.node] : []);
}

function eventOf(body: RunEventBody, index: number): RunEvent {
  return { ...body, runId: "run-1", seq: index + 1, at: index + 1 };
}
