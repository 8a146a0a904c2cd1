import assert from "node:assert/strict";
import { compile, sampleWorkflow } from "../compiler/mod.ts";
import { brief, fails, gives, play, retrying } from "./_play.ts";
import { type NodeCall, resumeFrom, type RunEventBody, type TaskRecord } from "./mod.ts";

const BUILD: TaskRecord = {
  task: "0-build",
  fingerprint: "f1",
  name: "build",
  code: 0,
  durationMs: 5,
  answer: { stdout: "built" },
};

Deno.test("a task that is done is an event of its node, and the next attempt finds it", async () => {
  const found: (TaskRecord | undefined)[] = [];
  const { events, result, clock } = play({
    nodes: [retrying("a")],
    acts: {
      a: [
        async (call, clock) => {
          await call.tasks.add(BUILD);
          found.push(call.tasks.get("0-build"));
          return fails()(call, clock);
        },
        (call, clock) => {
          found.push(call.tasks.get("0-build"), call.tasks.get("1-test"));
          return gives("done")(call, clock);
        },
      ],
    },
  });
  await clock.advance(0);
  await clock.advance(100);
  assert.equal((await result).success, true);
  assert.deepEqual(found, [BUILD, BUILD, undefined]);
  assert.deepEqual(brief(events).slice(1, 4), [
    "node.started a#1",
    "task.completed a#1",
    "node.retrying a#1 in 100 NODE_FAILED",
  ]);
  assert.deepEqual(events[2], { kind: "task.completed", node: "a", attempt: 1, ...BUILD });
});

Deno.test("add() waits until the event is stored, and get() knows it from then on", async () => {
  const stored = Promise.withResolvers<void>();
  const steps: string[] = [];
  const { result, clock } = play({
    nodes: ["a"],
    recorded: ({ kind }) => kind === "task.completed" ? stored.promise : undefined,
    acts: {
      a: async (call, clock) => {
        const added = call.tasks.add(BUILD).then(() => steps.push("added"));
        steps.push(String(call.tasks.get("0-build")));
        await added;
        return gives(1)(call, clock);
      },
    },
  });
  await clock.advance(0);
  steps.push("stored");
  stored.resolve();
  await result;
  assert.deepEqual(steps, ["undefined", "stored", "added"]);
});

Deno.test("a task that cannot be stored ends the run", async () => {
  const { result } = play({
    nodes: ["a"],
    recorded: ({ kind }) =>
      kind === "task.completed" ? Promise.reject(new Error("disk full")) : undefined,
    acts: {
      a: async (call) => {
        await call.tasks.add(BUILD);
        return { status: "succeeded", output: 1 };
      },
    },
  });
  await assert.rejects(result, /disk full/);
});

Deno.test("what is added after the end of an attempt is not kept", async () => {
  let late: NodeCall | undefined;
  const { events, result } = play({
    nodes: ["a", "b"],
    edges: ["a -> b"],
    acts: {
      a: (call, clock) => {
        late = call;
        return gives(1)(call, clock);
      },
      b: async (call, clock) => {
        await late?.tasks.add(BUILD);
        return gives(2)(call, clock);
      },
    },
  });
  await result;
  assert.ok(events.every(({ kind }) => kind !== "task.completed"));
});

Deno.test("a resumed run finds the tasks of its nodes, the newest of each id, and no others'", async () => {
  const graph = sampleWorkflow(["a", "b"], []);
  const again = { ...BUILD, answer: { stdout: "again" } };
  const bodies: RunEventBody[] = [
    { kind: "run.started", workflow: "w", version: "1.0", input: {}, trigger: {} },
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.started", node: "b", attempt: 1 },
    { kind: "task.completed", node: "a", attempt: 1, ...BUILD },
    { kind: "task.completed", node: "a", attempt: 1, ...BUILD, task: "1-test" },
    { kind: "node.lost", node: "a", attempt: 1, error: { code: "NODE_LOST", message: "gone" } },
    { kind: "task.completed", node: "a", attempt: 1, ...again },
  ];
  const { dag } = compile(graph);
  assert.ok(dag);
  const resume = resumeFrom(
    dag,
    bodies.map((body, i) => ({ runId: "run-1", seq: i + 1, at: i, ...body })),
  );
  assert.ok(resume);
  const found: Record<string, unknown> = {};
  const look = (call: NodeCall) => {
    found[call.node.id] = [call.tasks.get("0-build"), call.tasks.get("1-test")?.task];
    return { status: "succeeded", output: null } as const;
  };
  const { result } = play({ nodes: ["a", "b"], resume, acts: { a: look, b: look } });
  assert.equal((await result).success, true);
  assert.deepEqual(found, { a: [again, "1-test"], b: [undefined, undefined] });
});
