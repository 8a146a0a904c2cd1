import { type Clock, systemClock } from "../clock/mod.ts";
import { compile, sampleNode } from "../compiler/mod.ts";
import { createRedactor } from "../context/mod.ts";
import { createExecutor, type NodeCall, type NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { CallOverrides, RunnerStats, WorkflowRunner } from "../nodes/mod.ts";
import { DEFAULT_CONFIG, type InputSpec, type WorkflowSpec } from "../spec/mod.ts";
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
  readonly parts?: Partial<WorkflowParts>;
}

/** Runs functions of the test in place of modules, and counts what is asked of it. */
export class FakeRunner implements WorkflowRunner {
  isDisposed = false;
  calls = 0;
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
  const spec = testSpec(Object.keys(nodes), options.inputs ?? {});
  const { dag, diagnostics } = compile(spec);
  if (dag === undefined) throw new Error(diagnostics[0]?.message);
  return {
    spec,
    dag,
    diagnostics,
    executor: createExecutor("staged"),
    runner: new FakeRunner(nodes),
    redactor: createRedactor(options.secret === undefined ? {} : { test: { key: options.secret } }),
  };
}

/** A workflow over fake nodes. */
export function testWorkflow(options: TestWorkflowOptions = {}): Workflow {
  const clock = options.clock ?? systemClock;
  return new Workflow({
    dir: "/workflow",
    file: "/workflow/workflow.yaml",
    clock,
    random: () => 0,
    newRunId: createRunIds({ now: Date.now, fill: (bytes) => crypto.getRandomValues(bytes) }),
    onWarning() {},
    history: { maxFinished: 100, maxBytes: 1_000_000 },
    watchAlso: [],
    load: () => Promise.resolve(testGeneration(options)),
    ...options.parts,
  }, testGeneration(options));
}

function testSpec(
  ids: readonly string[],
  inputs: { readonly [name: string]: Partial<InputSpec> },
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
    nodes: ids.map((id) => sampleNode(id, { path: `./${id}.ts`, isolation: "process" })),
    edges: ids.slice(1).map((to, index) => ({
      from: ids[index] ?? "",
      to,
      path: ["edges", index],
    })),
    config: { ...DEFAULT_CONFIG, maxOutputBytes: 1_000_000 },
  };
}
