import assert from "node:assert/strict";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import { testGeneration } from "./_test_workflow.ts";
import { nodeStates } from "./run_state.ts";

const { dag } = testGeneration({ nodes: { a: () => 1, b: () => 2 } });

function after(...bodies: RunEventBody[]): ReturnType<typeof nodeStates> {
  return nodeStates(
    dag,
    bodies.map((body, index): RunEvent => ({
      runId: "r",
      seq: index + 1,
      at: (index + 1) * 10,
      ...body,
    })),
  );
}

const ERROR = { code: "NODE_FAILED", message: "no" };

Deno.test("nodeStates() knows every node before anything happened", () => {
  assert.deepEqual(Object.values(after()).map((state) => state.status), ["pending", "pending"]);
});

Deno.test("nodeStates() follows a node through its attempts", () => {
  const states = after(
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.retrying", node: "a", attempt: 1, delayMs: 5, error: ERROR },
    { kind: "node.started", node: "a", attempt: 2 },
    { kind: "node.succeeded", node: "a", attempt: 2, durationMs: 30, output: [1] },
  );
  assert.deepEqual(states["a"], {
    status: "succeeded",
    attempts: 2,
    startedAt: 10,
    completedAt: 40,
    durationMs: 30,
    error: "NODE_FAILED: no",
    output: [1],
  });
});

Deno.test("nodeStates() tells failed, cancelled and skipped nodes apart", () => {
  const failed = after(
    { kind: "node.failed", node: "a", attempt: 1, durationMs: 1, error: ERROR, allowed: false },
    { kind: "node.skipped", node: "b" },
  );
  assert.deepEqual([failed["a"]?.status, failed["b"]?.status], ["failed", "skipped"]);
  const cancelled = after({ kind: "node.cancelled", node: "a", attempt: 1, durationMs: 1 });
  assert.equal(cancelled["a"]?.status, "cancelled");
});
