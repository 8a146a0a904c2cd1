import type { RunEvent } from "../../engine/executor/mod.ts";
import { DEFAULT_CONFIG } from "../../engine/spec/mod.ts";
import type { NewRun } from "../../engine/storage/mod.ts";

/** When the runs of the suites are accepted. */
export const START = 1_790_000_000_000;

const SPEC: NewRun["spec"] = {
  name: "digest",
  version: "1.0",
  description: undefined,
  triggers: [],
  inputs: {},
  services: {},
  nodes: [],
  edges: [],
  config: DEFAULT_CONFIG,
};

/** A UUIDv7 that counts up with `number`. */
export function runId(number: number): string {
  const time = (START + Math.floor(number / 10)).toString(16).padStart(12, "0");
  const count = number.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
}

/** A run as it is accepted. */
export function newRun(number: number, status: NewRun["status"]): NewRun {
  return {
    runId: runId(number),
    workflow: "digest",
    version: "1.0",
    workflowKey: "/flows/digest",
    spec: SPEC,
    input: { topic: "deno", limit: 10 },
    trigger: { type: "http" },
    createdAt: START + Math.floor(number / 10),
    status,
    startAfter: undefined,
    deadlineAt: undefined,
    partition: undefined,
    idempotency: undefined,
  };
}

/** An event of some 120 bytes, as a node that ended makes it. */
export function nodeEvent(id: string, seq: number): RunEvent {
  return {
    runId: id,
    seq,
    at: START + seq,
    kind: "node.succeeded",
    node: "fetch-stories",
    attempt: 1,
    durationMs: 12,
    output: { count: 10, first: "A story", ids: [1, 2, 3] },
  };
}
