import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import {
  compile,
  type CompiledDag,
  randomWorkflow,
  sampleNode,
  sampleWorkflow,
  seededRandom,
} from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { after, brief, gives, play, retrying } from "./_play.ts";
import {
  createExecutor,
  type ExecutionContext,
  type ExecutionResult,
  type NodeCall,
  type NodeOutcome,
  type NodeRunner,
  type RunEventBody,
} from "./mod.ts";

const DIAMOND = {
  nodes: ["start", "left", "right", "end"],
  edges: ["start -> left", "start -> right", "left -> end", "right -> end"],
};

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind} executor runs a diamond and tells it in order`, async () => {
    const { events, calls, result } = play({ kind, ...DIAMOND, input: { topic: "deno" } });
    const { success, status, outputs, errors, runId, timing } = await result;
    assert.deepEqual({ success, status, errors, runId }, {
      success: true,
      status: "succeeded",
      errors: {},
      runId: "run-1",
    });
    assert.deepEqual(outputs, { start: "start", left: "left", right: "right", end: "end" });
    assert.deepEqual(brief(events), [
      "run.started",
      "node.started start#1",
      "node.succeeded start#1",
      "node.started left#1",
      "node.started right#1",
      "node.succeeded left#1",
      "node.succeeded right#1",
      "node.started end#1",
      "node.succeeded end#1",
      "run.succeeded",
    ]);
    assert.deepEqual(calls.map(({ input }) => input), [
      { topic: "deno" },
      "start",
      "start",
      { left: "left", right: "right" },
    ]);
    assert.deepEqual(Object.keys(timing.nodeTimings), ["start", "left", "right", "end"]);
  });

  Deno.test(`${kind} executor measures the run and each node by the clock`, async () => {
    const { clock, events, result } = play({
      kind,
      nodes: ["a", "b"],
      edges: ["a -> b"],
      acts: { a: after(30, gives(1)), b: after(12, gives(2)) },
    });
    await clock.advance(100);
    const { timing } = await result;
    assert.deepEqual(timing, {
      startedAt: 1_000,
      completedAt: 1_042,
      durationMs: 42,
      nodeTimings: {
        a: { startedAt: 1_000, completedAt: 1_030, durationMs: 30, attempts: 1 },
        b: { startedAt: 1_030, completedAt: 1_042, durationMs: 12, attempts: 1 },
      },
    });
    assert.deepEqual(events.at(-1), { kind: "run.succeeded", durationMs: 42 });
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor calls roots with {} when there is no input`, async () => {
    const { calls, events, result } = play({ kind, nodes: ["a"] });
    await result;
    assert.deepEqual(calls[0]?.input, {});
    assert.deepEqual(events[0], {
      kind: "run.started",
      workflow: "test-flow",
      version: "1.0",
      input: {},
      trigger: { type: "manual" },
    });
  });

  Deno.test(`${kind} executor runs a workflow without nodes`, async () => {
    const { events, result } = play({ kind, nodes: [] });
    assert.equal((await result).success, true);
    assert.deepEqual(brief(events), ["run.started", "run.succeeded"]);
  });

  Deno.test(`${kind} executor takes an output of undefined as null`, async () => {
    const { calls, result } = play({
      kind,
      nodes: ["a", "b"],
      edges: ["a -> b"],
      acts: { a: () => ({ status: "succeeded", output: undefined as unknown as JsonValue }) },
    });
    assert.deepEqual((await result).outputs, { a: null, b: "b" });
    assert.equal(calls[1]?.input, null);
  });

  Deno.test(`${kind} executor waits for an event's record before anything depends on it`, async () => {
    const trace: string[] = [];
    const { clock, result } = play({
      kind,
      nodes: [retrying("a"), "b"],
      edges: ["a -> b"],
      acts: {
        a: (call) => {
          trace.push(`call a#${call.attempt}`);
          return call.attempt === 1
            ? {
              status: "failed",
              error: { code: "NODE_FAILED", message: "" },
              retry: { kind: "after", delayMs: 0 },
            }
            : { status: "succeeded", output: 1 };
        },
        b: () => {
          trace.push("call b");
          return { status: "succeeded", output: 2 };
        },
      },
      recorded: async (event) => {
        trace.push(`> ${event.kind}`);
        for (let i = 0; i < 5; i++) await Promise.resolve();
        trace.push(`< ${event.kind}`);
      },
    });
    await clock.advance(0);
    await clock.advance(0);
    await result;
    // What is recorded behind an event is recorded after it, so a start waits for the end before it as well.
    const waits = trace.filter((step) => !/^> |node.retrying/.test(step));
    assert.deepEqual(waits, [
      "< run.started",
      "< node.started",
      "call a#1",
      "< node.started",
      "call a#2",
      "< node.succeeded",
      "< node.started",
      "call b",
      "< node.succeeded",
      "< run.succeeded",
    ]);
  });

  Deno.test(`${kind} executor runs a chain of 100 000 nodes`, async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `n${i}`);
    const dag = dagOf(names, names.slice(1).map((name, i) => `${names[i]} -> ${name}`));
    const { outputs } = await runQuietly(kind, dag, summing());
    assert.equal(outputs["n99999"], 100_000);
  });

  Deno.test(`${kind} executor starts 10 000 nodes of one stage at once`, async () => {
    let running = 0;
    let most = 0;
    const runner: NodeRunner = {
      async run(call): Promise<NodeOutcome> {
        call.onBegin();
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        return { status: "succeeded", output: null };
      },
    };
    const dag = dagOf(Array.from({ length: 10_000 }, (_, i) => `n${i}`), []);
    const { success } = await runQuietly(kind, dag, runner);
    assert.ok(success);
    assert.equal(most, 10_000);
  });
}

const CROSSED = { nodes: ["a", "b", "c", "d"], edges: ["a -> c", "b -> d"] };

Deno.test("staged executor holds a node back until the whole stage before it is done", async () => {
  const { clock, calls, result } = play({
    kind: "staged",
    ...CROSSED,
    acts: { b: after(100, gives("b")) },
  });
  await clock.advance(50);
  assert.deepEqual(calls.map(({ node }) => node.id), ["a", "b"]);
  await clock.advance(50);
  await result;
});

Deno.test("eager executor starts a node as soon as its own dependencies are done", async () => {
  const { clock, calls, result } = play({
    kind: "eager",
    ...CROSSED,
    acts: { b: after(100, gives("b")) },
  });
  await clock.advance(50);
  assert.deepEqual(calls.map(({ node }) => node.id), ["a", "b", "c"]);
  await clock.advance(50);
  await result;
});

Deno.test("staged and eager executors give the same outputs on 500 random graphs", async () => {
  const random = seededRandom(11);
  for (let round = 0; round < 500; round++) {
    const nodeCount = 1 + Math.floor(random() * 25);
    const spec = randomWorkflow(nodeCount, Math.floor(random() * nodeCount * 2), random);
    const nodes = spec.nodes.map((node) =>
      random() < 0.2 ? sampleNode(node.id, { allowFailure: true }) : node
    );
    const { dag } = compile({ ...spec, nodes });
    assert.ok(dag);
    const [staged, eager] = await Promise.all([
      runQuietly("staged", dag, mixing(round)),
      runQuietly("eager", dag, mixing(round)),
    ]);
    assert.ok(staged.success);
    assert.deepEqual(eager.outputs, staged.outputs);
    assert.deepEqual(eager.errors, staged.errors);
    assert.deepEqual(Object.keys(eager.outputs), Object.keys(staged.outputs), "order");
  }
});

Deno.test("the same run tells the same events", async () => {
  const random = seededRandom(5);
  const { dag } = compile(randomWorkflow(40, 80, random));
  assert.ok(dag);
  for (const kind of ["staged", "eager"] as const) {
    const [first, second]: RunEventBody[][] = [[], []];
    await runQuietly(kind, dag, mixing(1), (event) => void first?.push(event));
    await runQuietly(kind, dag, mixing(1), (event) => void second?.push(event));
    assert.deepEqual(brief(first ?? []), brief(second ?? []));
  }
});

function dagOf(nodes: string[], edges: string[]): CompiledDag {
  const { dag } = compile(sampleWorkflow(nodes, edges));
  assert.ok(dag);
  return dag;
}

function runQuietly(
  kind: "staged" | "eager",
  dag: CompiledDag,
  runner: NodeRunner,
  emit: ExecutionContext["emit"] = () => {},
): Promise<ExecutionResult> {
  return createExecutor(kind).execute(dag, runner, {
    run: { id: "run-1", workflow: "test-flow", version: "1.0", trigger: null },
    signal: new AbortController().signal,
    emit,
    clock: systemClock,
    random: () => 0.5,
  }, 0);
}

/** Each node gives its input plus one. */
function summing(): NodeRunner {
  return {
    run: (call) => {
      call.onBegin();
      return Promise.resolve({ status: "succeeded", output: Number(call.input) + 1 });
    },
  };
}

/** Nodes take a few turns, more or fewer by seed, and give what tells their whole input. */
function mixing(seed: number): NodeRunner {
  return {
    async run(call: NodeCall): Promise<NodeOutcome> {
      const { id, spec } = call.node;
      const random = seededRandom(seed * 1_000 + Number(id.slice(1)));
      call.onBegin();
      for (let turns = Math.floor(random() * 20); turns > 0; turns--) await Promise.resolve();
      if (spec.allowFailure) {
        return {
          status: "failed",
          error: { code: "NODE_FAILED", message: `${id} broke` },
          retry: { kind: "policy" },
        };
      }
      return { status: "succeeded", output: `${id}(${JSON.stringify(call.input).length})` };
    },
  };
}
