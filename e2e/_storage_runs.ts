import type { RunEvent } from "../engine/executor/mod.ts";
import { DEFAULT_CONFIG } from "../engine/spec/mod.ts";
import type { NewRun, Owner } from "../engine/storage/mod.ts";
import { createRunIds } from "../engine/workflow/run_id.ts";

const nextId = createRunIds({
  now: () => Date.now(),
  fill: (bytes) => crypto.getRandomValues(bytes),
});

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

/** An engine that owns runs. */
export function engineOwner(name: string): Owner {
  return { id: `${name}-${crypto.randomUUID()}`, host: name, pid: 1, startedAt: 1 };
}

/** A run to accept now. */
export function acceptedRun(part: Partial<NewRun> = {}): NewRun {
  return {
    runId: nextId(),
    workflow: "digest",
    version: "1.0",
    workflowKey: "/srv/digest",
    spec: SPEC,
    input: { topic: "deno" },
    trigger: { type: "manual" },
    createdAt: Date.now(),
    status: "running",
    startAfter: undefined,
    deadlineAt: undefined,
    partition: undefined,
    idempotency: undefined,
    ...part,
  };
}

/** One event of a run, as a node that ended makes it. */
export function succeeded(runId: string, seq: number): RunEvent {
  return {
    runId,
    seq,
    at: Date.now(),
    kind: "node.succeeded",
    node: `node-${seq}`,
    attempt: 1,
    durationMs: 3,
    output: { n: seq, text: "what a node gives back" },
  };
}
