import assert from "node:assert/strict";
import type { RunDetails, RunEvent, RunNode } from "./api_types.ts";
import { MAX_LINES } from "./log_lines.ts";
import { RunModel } from "./run_model.ts";

function nodeOf(id: string, also: Partial<RunNode> = {}): RunNode {
  return {
    id,
    kind: "code",
    description: null,
    stage: 0,
    dependsOn: [],
    isOnError: false,
    allowFailure: false,
    status: "pending",
    attempts: 0,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    problem: null,
    ...also,
  };
}

function detailsOf(also: Partial<RunDetails> = {}): RunDetails {
  return {
    runId: "run",
    workflow: "demo",
    version: "1.0",
    status: "running",
    trigger: null,
    createdAt: 0,
    startedAt: 0,
    completedAt: null,
    durationMs: 0,
    error: null,
    input: {},
    outputs: {},
    problem: null,
    nodes: [nodeOf("a")],
    stages: [["a"]],
    criticalPath: { nodes: [], durationMs: 0 },
    queuePosition: null,
    lastSeq: 1,
    ...also,
  };
}

const ERROR = { code: "NODE_FAILED", message: "no luck", fix: null };
const EVENTS: readonly RunEvent[] = [
  { kind: "run.started", seq: 1, at: 10 },
  { kind: "node.started", seq: 2, at: 20, node: "a", attempt: 1 },
  {
    kind: "log",
    seq: 3,
    at: 25,
    node: "a",
    message: "hello",
    fields: { stream: "stderr", k: "v" },
  },
  { kind: "node.retrying", seq: 4, at: 30, node: "a", attempt: 1, delayMs: 5, error: ERROR },
  { kind: "node.started", seq: 5, at: 40, node: "a", attempt: 2 },
  { kind: "node.failed", seq: 6, at: 50, node: "a", attempt: 2, durationMs: 30, error: ERROR },
  { kind: "run.failed", seq: 7, at: 60, durationMs: 60, error: ERROR },
];

Deno.test("a run is what its events say, attempts and log included", () => {
  const model = new RunModel(detailsOf());
  for (const event of EVENTS) model.take(event);
  const { status, completedAt, problem, nodes: [node] } = model.details;
  assert.deepEqual([status, completedAt, problem], ["failed", 60, ERROR]);
  assert.deepEqual([node?.status, node?.attempts, node?.startedAt], ["failed", 2, 20]);
  assert.deepEqual(
    model.attemptsOf("a").map(({ outcome, completedAt }) => [outcome, completedAt]),
    [
      ["failed", 30],
      ["failed", 50],
    ],
  );
  const [line] = model.logOf("a").lines;
  assert.deepEqual([line?.text, line?.isStderr], ["hello k=v", true]);
  assert.equal(model.logOf(undefined).lines.length, 1);
});

Deno.test("events that the server's answer holds already change nothing, and none counts twice", () => {
  const over = detailsOf({
    status: "failed",
    lastSeq: 7,
    nodes: [nodeOf("a", { status: "failed" })],
  });
  const model = new RunModel(over);
  for (const event of [...EVENTS, ...EVENTS]) model.take(event);
  assert.equal(model.details, over);
  assert.equal(model.logOf("a").lines.length, 1);
  assert.equal(model.attemptsOf("a").length, 2);
});

Deno.test("an answer that is behind the events brings what they do not say", () => {
  const model = new RunModel(detailsOf());
  for (const event of EVENTS) model.take(event);
  model.update(detailsOf({ lastSeq: 3, outputs: { b: 1 } }));
  assert.equal(model.details.status, "failed");
  assert.deepEqual(model.details.outputs, { b: 1 });
});

Deno.test("a log keeps its newest lines, and counts those before", () => {
  const model = new RunModel(detailsOf());
  const count = MAX_LINES * 2;
  for (let seq = 1; seq <= count; seq++) {
    model.take({ kind: "log", seq, at: seq, node: "a", message: `line ${seq}` });
  }
  const log = model.logOf("a");
  assert.ok(log.lines.length <= MAX_LINES * 1.25);
  assert.equal(log.lines.length + log.dropped, count);
  assert.equal(log.lines.at(-1)?.text, `line ${count}`);
});
