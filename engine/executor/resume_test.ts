import assert from "node:assert/strict";
import {
  compile,
  type CompiledDag,
  randomWorkflow,
  sampleNode,
  sampleWorkflow,
  seededRandom,
} from "../compiler/mod.ts";
import type { Clock } from "../clock/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import { brief, fails, gives, hangs, loses, play, retrying } from "./_play.ts";
import {
  createExecutor,
  type ExecutionResult,
  type NodeRunner,
  type ResumedNodes,
  resumeFrom,
  type RunEvent,
  type RunEventBody,
} from "./mod.ts";

const CHAIN = { nodes: ["a", "b", "c"], edges: ["a -> b", "b -> c"] };

Deno.test("a resumed run does not run again what succeeded, and hands on its output", async () => {
  const resume = resumeOf(sampleWorkflow(CHAIN.nodes, CHAIN.edges), [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.succeeded", node: "a", attempt: 1, durationMs: 5, output: { kept: true } },
  ]);
  const { events, calls, result } = play({ ...CHAIN, resume });
  const { outputs, timing } = await result;
  assert.deepEqual(outputs, { a: { kept: true }, b: "b", c: "c" });
  assert.deepEqual(calls.map(({ node, input }) => [node.id, input]), [
    ["b", { kept: true }],
    ["c", "b"],
  ]);
  assert.deepEqual(brief(events), [
    "run.resumed",
    "node.started b#1",
    "node.succeeded b#1",
    "node.started c#1",
    "node.succeeded c#1",
    "run.succeeded",
  ]);
  assert.deepEqual(events[0], { kind: "run.resumed", done: 1, unfinished: 0 });
  assert.deepEqual([timing.startedAt, timing.nodeTimings["a"]?.completedAt], [1, 3]);
});

Deno.test("a node that was running when the engine ended is lost and gets a new attempt", async () => {
  const resume = resumeOf(sampleWorkflow(CHAIN.nodes, CHAIN.edges), [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
  ]);
  const { events, calls, result } = play({ ...CHAIN, resume });
  const { timing } = await result;
  assert.deepEqual(brief(events).slice(0, 4), [
    "run.resumed",
    "node.lost a#1 NODE_LOST",
    "node.started a#2",
    "node.succeeded a#2",
  ]);
  assert.equal(calls[0]?.attempt, 2);
  assert.deepEqual([timing.nodeTimings["a"]?.startedAt, timing.nodeTimings["a"]?.attempts], [2, 2]);
});

Deno.test("a node with on_lost: fail does not run again", async () => {
  const nodes = [sampleNode("a", { onLost: "fail" }), "b"];
  const cases: readonly (readonly RunEventBody[])[] = [
    [started(), { kind: "node.started", node: "a", attempt: 1 }],
    [started(), { kind: "node.started", node: "a", attempt: 1 }, {
      kind: "node.lost",
      node: "a",
      attempt: 1,
      error: { code: "NODE_LOST", message: "its host was killed" },
    }],
  ];
  for (const before of cases) {
    const resume = resumeOf(sampleWorkflow(nodes, []), before);
    const { calls, result } = play({ nodes, resume });
    const { status, errors } = await result;
    assert.equal(status, "failed");
    assert.match(errors["a"] ?? "", /^NODE_LOST: .*on_lost is "fail"/);
    assert.deepEqual(calls.filter(({ node }) => node.id === "a"), []);
  }
});

Deno.test("retries that were used before the engine ended count", async () => {
  const nodes = [retrying("a", { maxAttempts: 3 })];
  const failed = { code: "NODE_FAILED", message: "broke" };
  const resume = resumeOf(sampleWorkflow(nodes, []), [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.retrying", node: "a", attempt: 1, delayMs: 100, error: failed },
    { kind: "node.started", node: "a", attempt: 2 },
    { kind: "node.retrying", node: "a", attempt: 2, delayMs: 200, error: failed },
  ]);
  const { clock, events, result } = play({ nodes, resume, acts: { a: fails() } });
  await clock.advance(199);
  assert.deepEqual(brief(events), ["run.resumed"]);
  await clock.advance(1);
  assert.equal((await result).status, "failed");
  assert.deepEqual(brief(events).slice(1), [
    "node.started a#3",
    "node.failed a#3 NODE_FAILED",
    "run.failed NODE_FAILED",
  ]);
});

Deno.test("a node that takes the engine down again and again fails in the end", async () => {
  const lost = (attempt: number): RunEventBody[] => [
    { kind: "node.started", node: "a", attempt },
    {
      kind: "node.lost",
      node: "a",
      attempt,
      error: { code: "NODE_LOST", message: "the engine ended while it ran" },
      engine: true,
    },
  ];
  const resume = resumeOf(sampleWorkflow(["a"], []), [
    started(),
    ...Array.from({ length: 9 }, (_, i) => lost(i + 1)).flat(),
    { kind: "node.started", node: "a", attempt: 10 },
  ]);
  const { calls, result } = play({ nodes: ["a"], resume });
  assert.match((await result).errors["a"] ?? "", /^NODE_LOST: .*10 of its attempts were lost/);
  assert.equal(calls.length, 0);
});

Deno.test("a run that was ending when the engine ended ends the same way", async (t) => {
  const workflow = sampleWorkflow(["a", "b", "c"], ["a -> c"]);
  const both: readonly RunEventBody[] = [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.started", node: "b", attempt: 1 },
  ];
  await t.step("as failed, its unfinished nodes cancelled", async () => {
    const error = { code: "NODE_FAILED", message: "broke" };
    const resume = resumeOf(workflow, [
      ...both,
      { kind: "node.failed", node: "a", attempt: 1, durationMs: 1, error, allowed: false },
    ]);
    const { events, calls, result } = play({ nodes: ["a", "b", "c"], edges: ["a -> c"], resume });
    const { status, errors } = await result;
    assert.deepEqual([status, errors], ["failed", { a: "NODE_FAILED: broke" }]);
    assert.deepEqual(calls, []);
    assert.deepEqual(brief(events), [
      "run.resumed",
      "node.cancelled b#1",
      "node.skipped c",
      "run.failed NODE_FAILED",
    ]);
  });
  await t.step("as cancelled, without repeating what was said", async () => {
    const resume = resumeOf(workflow, [
      ...both,
      { kind: "node.cancelled", node: "a", attempt: 1, durationMs: 1 },
      { kind: "node.cancelled", node: "b", attempt: 1, durationMs: 1 },
      { kind: "node.skipped", node: "c" },
    ]);
    const { events, result } = play({ nodes: ["a", "b", "c"], edges: ["a -> c"], resume });
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(brief(events), ["run.resumed", "run.cancelled RUN_CANCELLED"]);
  });
  await t.step("as cancelled, when that was asked for meanwhile", async () => {
    const resume = resumeOf(workflow, both);
    const { events, calls, result } = play({
      nodes: ["a", "b", "c"],
      edges: ["a -> c"],
      resume,
      signal: AbortSignal.abort(),
    });
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(calls, []);
    assert.deepEqual(brief(events), [
      "run.resumed",
      "node.cancelled a#1",
      "node.cancelled b#1",
      "node.skipped c",
      "run.cancelled RUN_CANCELLED",
    ]);
  });
});

Deno.test("a resumed run can be cancelled while it waits to try again", async () => {
  const nodes = [retrying("a")];
  const resume = resumeOf(sampleWorkflow(nodes, []), [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    {
      kind: "node.retrying",
      node: "a",
      attempt: 1,
      delayMs: 60_000,
      error: { code: "NODE_FAILED", message: "broke" },
    },
  ]);
  const { clock, cancel, result } = play({ nodes, resume, acts: { a: hangs() } });
  await clock.advance(1);
  cancel();
  assert.equal((await result).status, "cancelled");
  assert.equal(clock.pending, 0);
});

Deno.test("nodes that need what was not kept fail, and no others", async () => {
  const gone = { code: "SECRET_GONE", message: "Cannot restore it" };
  const workflow = sampleWorkflow(["a", "b", "c"], ["a -> b"]);
  const resume = resumeOf(workflow, [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.succeeded", node: "a", attempt: 1, durationMs: 1, output: null },
  ]);
  const nodes = resume.nodes.map((node) =>
    node?.status === "succeeded" ? { ...node, missing: gone } : node
  );
  const { calls, result } = play({
    nodes: [
      sampleNode("a"),
      sampleNode("b", { allowFailure: true }),
      sampleNode("c"),
    ],
    edges: ["a -> b"],
    resume: { ...resume, nodes },
  });
  const { status, errors } = await result;
  assert.deepEqual([status, errors], ["succeeded", { b: "SECRET_GONE: Cannot restore it" }]);
  assert.deepEqual(calls.map(({ node }) => node.id), ["c"]);
});

Deno.test("attempts lost with a host before the engine ended still count", async () => {
  const lost = { code: "NODE_LOST", message: "its host was killed" };
  const resume = resumeOf(sampleWorkflow(["a"], []), [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.lost", node: "a", attempt: 1, error: lost },
    { kind: "node.started", node: "a", attempt: 2 },
    { kind: "node.lost", node: "a", attempt: 2, error: lost },
  ]);
  const { events, result } = play({
    nodes: ["a"],
    resume,
    acts: { a: [gives(1), gives(1), loses()] },
  });
  assert.match((await result).errors["a"] ?? "", /3 of its attempts were lost/);
  assert.equal(brief(events).at(1), "node.started a#3");
});

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind}: a run cut off after any event comes to the same end, whatever the graph`, async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed);
      const dag = graphOf(troubled(randomWorkflow(2 + seed % 7, seed % 13, random), random));
      const whole = await runOnce(dag, kind, []);
      for (let cut = 0; cut < whole.events.length; cut++) {
        const first = whole.events.slice(0, cut);
        const second = await runOnce(dag, kind, first);
        check(dag, whole, second, `seed ${seed}, cut ${cut}`);
        // Once more, somewhere after the first cut.
        const again = cut + Math.floor(random() * (second.events.length - cut));
        const third = await runOnce(dag, kind, second.events.slice(0, again));
        check(dag, whole, third, `seed ${seed}, cuts ${cut} and ${again}`);
      }
    }
  });
}

interface Told {
  readonly events: readonly RunEvent[];
  readonly result: ExecutionResult;
}

/** Runs on from `before`; nodes fail, are lost or succeed by their attempt alone. */
async function runOnce(
  dag: CompiledDag,
  kind: "staged" | "eager",
  before: readonly RunEvent[],
): Promise<Told> {
  const events = [...before];
  let now = before.at(-1)?.at ?? 0;
  // Timers fire at once: only the order matters here.
  const clock: Clock = {
    now: () => ++now,
    monotonic: () => now,
    after(delayMs, callback) {
      let isOff = delayMs > 1_000;
      queueMicrotask(() => isOff || callback());
      return () => void (isOff = true);
    },
  };
  const resume = resumeFrom(dag, before);
  const result = await createExecutor(kind).execute(dag, RUNNER, {
    run: { id: "run-1", workflow: "test-flow", version: "1.0", trigger: { type: "manual" } },
    signal: new AbortController().signal,
    emit(body) {
      events.push({ runId: "run-1", seq: events.length + 1, at: ++now, ...body });
    },
    clock,
    random: () => 0,
    ...resume === undefined ? {} : { resume },
  }, { from: "outside" });
  return { events, result };
}

const RUNNER: NodeRunner = {
  run({ node, attempt, input, onBegin }) {
    onBegin();
    const { id } = node;
    const trouble = id.charCodeAt(id.length - 1) % 4;
    const error = { code: "NODE_FAILED", message: `${id} broke` };
    if (trouble === 1 && attempt < 3) {
      return Promise.resolve({ status: "failed", error, retry: { kind: "policy" } });
    }
    if (trouble === 2 && attempt === 1) return Promise.resolve({ status: "lost", error });
    if (node.spec.allowFailure) {
      return Promise.resolve({ status: "failed", error, retry: { kind: "never" } });
    }
    return Promise.resolve({ status: "succeeded", output: { id, of: input } });
  },
};

/** Some nodes fail for good and are allowed to; all others have retries to spare. */
function troubled(workflow: WorkflowSpec, random: () => number): WorkflowSpec {
  const retry = {
    maxAttempts: 20,
    initialIntervalMs: 1,
    backoff: 1,
    maxIntervalMs: 1,
    jitter: false,
  };
  const nodes = workflow.nodes.map((node) => ({ ...node, retry, allowFailure: random() < 0.2 }));
  return { ...workflow, nodes };
}

function check(dag: CompiledDag, whole: Told, resumed: Told, name: string): void {
  assert.deepEqual(resumed.result.outputs, whole.result.outputs, name);
  assert.deepEqual(resumed.result.errors, whole.result.errors, name);
  assert.equal(resumed.result.status, whole.result.status, name);
  assert.equal(ends(resumed.events).length, 1, name);
  for (const { id } of dag.nodes) {
    const own = resumed.events.filter((event) => "node" in event && event.node === id);
    const attempts = own.flatMap((event) => event.kind === "node.started" ? [event.attempt] : []);
    assert.deepEqual(attempts, attempts.map((_, index) => index + 1), `${name}: attempts of ${id}`);
    const over = own.findIndex(({ kind }) => kind === "node.succeeded" || kind === "node.failed");
    assert.equal(over, own.length - 1, `${name}: ${id} ends once, and nothing follows`);
    const timing = resumed.result.timing.nodeTimings[id];
    assert.equal(timing?.attempts, attempts.length, name);
    assert.equal(timing !== undefined && timing.startedAt <= (own[0]?.at ?? 0), true, name);
  }
}

function ends(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.filter(({ kind }) =>
    kind === "run.succeeded" || kind === "run.failed" || kind === "run.cancelled"
  );
}

function resumeOf(workflow: WorkflowSpec, bodies: readonly RunEventBody[]): ResumedNodes {
  const events = bodies.map((body, i): RunEvent => ({
    runId: "run-1",
    seq: i + 1,
    at: i + 1,
    ...body,
  }));
  const resume = resumeFrom(graphOf(workflow), events);
  assert.ok(resume);
  return resume;
}

function started(): RunEventBody {
  const trigger: JsonValue = { type: "manual" };
  return { kind: "run.started", workflow: "test-flow", version: "1.0", input: {}, trigger };
}

function graphOf(workflow: WorkflowSpec): CompiledDag {
  const { dag, diagnostics } = compile(workflow);
  assert.ok(dag, diagnostics[0]?.message);
  return dag;
}
