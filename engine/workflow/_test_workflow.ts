import { type Clock, systemClock } from "../clock/mod.ts";
import { compile, sampleNode } from "../compiler/mod.ts";
import { createRedactor, createSecretReferences, type Secrets } from "../context/mod.ts";
import { createExecutor, type NodeCall, type NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { CallOverrides, RunnerStats, WorkflowRunner } from "../nodes/mod.ts";
import {
  DEFAULT_CONFIG,
  type InputSpec,
  type QueueConfig,
  type WorkflowSpec,
} from "../spec/mod.ts";
import { currentOwner, openStorage } from "../storage/mod.ts";
import type { GenerationParts } from "./generation.ts";
import { createRunIds } from "./run_id.ts";
import { Workflow, type WorkflowParts } from "./workflow.ts";

/** What a node of a test does: its return value is the output, a thrown error its failure. */
export type TestNode = (call: NodeCall, overrides: CallOverrides) => unknown;

/** What a test workflow is made of; nodes run one after another in the order given. */
export interface TestWorkflowOptions {
  readonly nodes?: { readonly [id: string]: TestNode };
  readonly inputs?: { readonly [name: string]: Partial<InputSpec> };
  readonly clock?: Clock;
  readonly secret?: string;
  readonly queue?: Partial<QueueConfig>;
  /** What the memory keeps of finished runs. */
  readonly memory?: { readonly maxRuns?: number; readonly maxBytes?: number };
  /** What is special about nodes. */
  readonly specs?: { readonly [id: string]: Parameters<typeof sampleNode>[1] };
  readonly parts?: Partial<WorkflowParts>;
}

/** Runs functions of the test in place of modules, and counts what is asked of it. */
export class FakeRunner implements WorkflowRunner {
  isDisposed = false;
  calls = 0;
  readonly endedRuns: string[] = [];
  readonly #nodes: { readonly [id: string]: TestNode };

  constructor(nodes: { readonly [id: string]: TestNode }) {
    this.#nodes = nodes;
  }

  run(call: NodeCall): Promise<NodeOutcome> {
    return this.runWith(call, {});
  }

  async runWith(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    this.calls++;
    call.onBegin();
    try {
      const output = await this.#nodes[call.node.id]?.(call, overrides);
      if (call.signal.aborted) return { status: "cancelled" };
      return { status: "succeeded", output: (output ?? null) as JsonValue };
    } catch (error) {
      const { message } = error as Error;
      return {
        status: "failed",
        error: { code: "NODE_FAILED", message },
        retry: { kind: "policy" },
      };
    }
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  endRun(runId: string): Promise<void> {
    this.endedRuns.push(runId);
    return Promise.resolve();
  }

  stats(): RunnerStats {
    return { hosts: 1, busyHosts: 0, calls: this.calls, pids: [] };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}

/** Resolves when the node is told to stop. */
export function untilStopped({ signal }: NodeCall): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A generation over fake nodes, compiled and executed by the real thing. */
export function testGeneration(options: TestWorkflowOptions = {}): GenerationParts & {
  readonly runner: FakeRunner;
} {
  const nodes = options.nodes ?? { echo: ({ input }) => input };
  const secrets: Secrets = options.secret === undefined ? {} : { test: { key: options.secret } };
  const spec = testSpec(Object.keys(nodes), options);
  const { dag, diagnostics } = compile(spec);
  if (dag === undefined) throw new Error(diagnostics[0]?.message);
  return {
    spec,
    dag,
    diagnostics,
    executor: createExecutor("staged"),
    runner: new FakeRunner(nodes),
    secrets,
    redactor: createRedactor(secrets),
    references: createSecretReferences(secrets),
  };
}

/** A workflow over fake nodes; its runs are kept in memory unless `parts` has a storage. */
export async function testWorkflow(options: TestWorkflowOptions = {}): Promise<Workflow> {
  const clock = options.clock ?? systemClock;
  return new Workflow({
    dir: "/workflow",
    file: "/workflow/workflow.yaml",
    clock,
    storage: options.parts?.storage ??
      await openStorage("memory:", { clock, memory: options.memory ?? {} }),
    ownsStorage: options.parts?.storage === undefined,
    owner: currentOwner(),
    workflowKey: "/workflow",
    formerKeys: [],
    patienceMs: 1_000,
    random: () => 0,
    newRunId: createRunIds({ now: Date.now, fill: (bytes) => crypto.getRandomValues(bytes) }),
    onWarning() {},
    watchAlso: [],
    load: () => Promise.resolve(testGeneration(options)),
    loadSpec: (spec) => Promise.resolve({ ...testGeneration(options), spec }),
    ...options.parts,
  }, testGeneration(options));
}

function testSpec(
  ids: readonly string[],
  { inputs = {}, queue = {}, specs = {} }: TestWorkflowOptions,
): WorkflowSpec {
  return {
    name: "test-flow",
    version: "1.0",
    description: "A workflow of tests",
    triggers: [],
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [name, {
        type: "string",
        description: undefined,
        default: undefined,
        enum: undefined,
        required: false,
        ...input,
      }]),
    ),
    services: {},
    nodes: ids.map((id) => sampleNode(id, specs[id] ?? {})),
    edges: ids.slice(1).map((to, index) => ({
      from: ids[index] ?? "",
      to,
      path: ["edges", index],
    })),
    config: {
      ...DEFAULT_CONFIG,
      maxOutputBytes: 1_000_000,
      queue: { ...DEFAULT_CONFIG.queue, ...queue },
    },
  };
}
