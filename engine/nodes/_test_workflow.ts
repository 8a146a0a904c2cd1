import assert from "node:assert/strict";
import type { HttpMode, Secrets } from "../context/mod.ts";
import type { Containers } from "../containers/mod.ts";
import { compile, sampleNode } from "../compiler/mod.ts";
import {
  type ErrorRecord,
  type LogLine,
  memoryTasks,
  type NodeCall,
  type NodeOutcome,
} from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import {
  type CodeNodeSpec,
  DEFAULT_CONFIG,
  type Permissions,
  type WorkflowSpec,
} from "../spec/mod.ts";
import { createNodeRunner } from "./create_node_runner.ts";
import type { WorkflowRunner } from "./workflow_runner.ts";
import type { NodeTracing } from "./node_tracing.ts";
import type { CallOverrides } from "./pooled_call.ts";

/** One node of a test workflow: the source of its module, and what differs from the defaults. */
export interface TestNode {
  readonly source?: string;
  readonly path?: string;
  readonly permissions?: Partial<Permissions>;
  readonly isolation?: "process" | "none";
  readonly memoryBytes?: number;
  readonly container?: string;
  readonly after?: readonly string[];
  readonly config?: CodeNodeSpec["config"];
}

export interface TestOptions {
  readonly nodes: { readonly [id: string]: TestNode };
  /** Further files of the folder. */
  readonly files?: { readonly [path: string]: string };
  readonly secrets?: Secrets;
  /** Relative to the folder. */
  readonly secretFiles?: readonly string[];
  readonly http?: HttpMode;
  readonly tracing?: NodeTracing;
  readonly maxHosts?: number;
  readonly hosts?: "ready" | "on_demand";
  readonly lastIdleMs?: number;
  readonly containers?: () => Promise<Containers>;
  readonly maxOutputBytes?: number;
  readonly services?: WorkflowSpec["services"];
  /** Waits until every module is loaded. */
  readonly isWarm?: boolean;
  /** Changes the folder before it is loaded, e.g. by adding symlinks. */
  prepare?(dir: string): void;
}

/** A folder with nodes, and a runner over it. */
export class TestWorkflow implements AsyncDisposable {
  readonly dir: string;
  readonly runner: WorkflowRunner;
  readonly warnings: string[];
  readonly #nodes: ReadonlyMap<string, NodeCall["node"]>;

  private constructor(
    dir: string,
    runner: WorkflowRunner,
    nodes: ReadonlyMap<string, NodeCall["node"]>,
    warnings: string[],
  ) {
    this.dir = dir;
    this.runner = runner;
    this.#nodes = nodes;
    this.warnings = warnings;
  }

  static async open(options: TestOptions): Promise<TestWorkflow> {
    const dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "pd-test-" }));
    try {
      Deno.mkdirSync(`${dir}/nodes`);
      const files: Record<string, string> = { ...options.files };
      for (const [id, node] of Object.entries(options.nodes)) {
        if (node.source !== undefined) files[node.path ?? `nodes/${id}.ts`] = node.source;
      }
      for (const [path, text] of Object.entries(files)) {
        Deno.mkdirSync(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        Deno.writeTextFileSync(`${dir}/${path}`, text);
      }
      options.prepare?.(dir);
      const { dag } = compile(specOf(options));
      assert.ok(dag !== undefined);
      const warnings: string[] = [];
      const runner = await createNodeRunner({
        workflowDir: dir,
        dag,
        secrets: options.secrets ?? {},
        secretFiles: (options.secretFiles ?? []).map((path) => `${dir}/${path}`),
        http: options.http ?? { kind: "live" },
        tracing: options.tracing,
        containers: options.containers,
        maxHosts: options.maxHosts ?? 2,
        hosts: options.hosts,
        lastIdleMs: options.lastIdleMs,
        onWarning: (message) => warnings.push(message),
      });
      const workflow = new TestWorkflow(
        dir,
        runner,
        new Map(dag.nodes.map((node) => [node.id, node])),
        warnings,
      );
      // A node whose module is loaded runs in the moment that it begins.
      if (options.isWarm) await runner.ready();
      return workflow;
    } catch (error) {
      Deno.removeSync(dir, { recursive: true });
      throw error;
    }
  }

  /** Starts one attempt. */
  call(
    id: string,
    input: JsonValue = {},
    options: {
      signal?: AbortSignal;
      exclusive?: boolean;
      overrides?: CallOverrides;
      onLog?(line: LogLine): void;
    } = {},
  ): TestCall {
    const node = this.#nodes.get(id);
    assert.ok(node !== undefined, `no node "${id}"`);
    const logs: LogLine[] = [];
    const begun = Promise.withResolvers<void>();
    const outcome = this.runner.runWith({
      node,
      attempt: 1,
      input,
      run: { id: "run-1", workflow: "test", version: "1.0", trigger: { type: "manual" } },
      signal: options.signal ?? new AbortController().signal,
      exclusive: options.exclusive ?? false,
      tasks: memoryTasks(),
      onBegin: () => begun.resolve(),
      onLog: (line) => {
        logs.push(line);
        options.onLog?.(line);
      },
    }, options.overrides ?? {});
    return { outcome, logs, begun: begun.promise };
  }

  /** Runs one attempt that has to succeed. */
  async output(id: string, input: JsonValue = {}): Promise<JsonValue> {
    const outcome = await this.call(id, input).outcome;
    assert.equal(outcome.status, "succeeded", JSON.stringify(outcome));
    return outcome.status === "succeeded" ? outcome.output : null;
  }

  /** Runs one attempt that has to fail, and returns its error. */
  async failure(id: string, input: JsonValue = {}): Promise<ErrorRecord> {
    return errorOf(await this.call(id, input).outcome);
  }

  /** The process id of its host, of which there has to be one. */
  onlyHost(): number {
    const { pids } = this.runner.stats();
    assert.equal(pids.length, 1);
    return pids[0] ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

export interface TestCall {
  readonly outcome: Promise<NodeOutcome>;
  readonly logs: LogLine[];
  readonly begun: Promise<void>;
}

/** The error of an attempt that has to have failed. */
export function errorOf(outcome: NodeOutcome): ErrorRecord {
  assert.equal(outcome.status, "failed", JSON.stringify(outcome));
  return outcome.status === "failed" ? outcome.error : { code: "", message: "" };
}

/** Whether a process of that id runs; one that has ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

function specOf(options: TestOptions): WorkflowSpec {
  const nodes = Object.entries(options.nodes).map(([id, node]) =>
    sampleNode(id, {
      config: node.config ?? {},
      container: node.container,
      path: node.path ?? `nodes/${id}.ts`,
      permissions: node.permissions === undefined ? undefined : {
        net: undefined,
        read: undefined,
        write: undefined,
        secrets: undefined,
        ...node.permissions,
      },
      isolation: node.isolation ?? "process",
      memoryBytes: node.memoryBytes ?? 512 * 1024 * 1024,
    })
  );
  const edges = Object.entries(options.nodes).flatMap(([to, node]) =>
    (node.after ?? []).map((from, i) => ({ from, to, path: ["nodes", to, "depends_on", i] }))
  );
  return {
    name: "test",
    version: "1.0",
    description: undefined,
    triggers: [],
    inputs: {},
    services: options.services ?? {},
    nodes,
    edges,
    config: {
      ...DEFAULT_CONFIG,
      maxOutputBytes: options.maxOutputBytes ?? 16 * 1024 * 1024,
      values: { shared: "yes" },
    },
  };
}
