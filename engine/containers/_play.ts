import { FakeClock } from "../clock/mod.ts";
import { type CompiledNode, sampleNode } from "../compiler/mod.ts";
import { createRedactor, type Secrets } from "../context/mod.ts";
import type { Capabilities } from "../drivers/mod.ts";
import {
  type LogLine,
  memoryTasks,
  type NodeCall,
  type NodeOutcome,
  type NodeTasks,
} from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { CodeNodeSpec, ContainerNodeSpec, NodeSpec } from "../spec/mod.ts";
import type { Containers, ContainerSettings, OutputChunk } from "./containers.ts";
import { FakeDriver, type FakePrograms } from "./_fake_driver.ts";
import { openContainers } from "./open_containers.ts";

/** What a test plays with. */
export interface PlayOptions {
  readonly programs?: FakePrograms;
  readonly capabilities?: Partial<Capabilities>;
  readonly settings?: ContainerSettings;
  readonly secrets?: Secrets;
  readonly config?: { readonly [key: string]: JsonValue };
}

/** What differs between calls. */
export interface CallOptions {
  readonly input?: JsonValue;
  readonly attempt?: number;
  readonly runId?: string;
  readonly signal?: AbortSignal;
  readonly tasks?: NodeTasks;
  readonly isResumed?: true;
}

/** Containers over fake drivers, which are made by the addresses that are asked for. */
export class Play implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly dir = Deno.makeTempDirSync();
  readonly drivers = new Map<string, FakeDriver>();
  readonly logs: LogLine[] = [];
  readonly chunks: OutputChunk[] = [];
  readonly warnings: string[] = [];
  readonly told: JsonValue[] = [];
  readonly containers: Containers;
  /** How often a node began. */
  begun = 0;

  constructor(options: PlayOptions = {}) {
    const secrets = options.secrets ?? {};
    this.containers = openContainers({
      onOutput: (chunk) => this.chunks.push(chunk),
      ...options.settings,
      workflowDir: this.dir,
      config: options.config ?? {},
      secrets,
      redactor: createRedactor(secrets),
      onWarning: (message) => this.warnings.push(message),
      clock: this.clock,
      owner: { id: "owner", host: "here", pid: 1, startedAt: 1 },
      env: () => undefined,
      cwd: this.dir,
      open: (address) => {
        const { capabilities = {} } = options;
        const driver = new FakeDriver(options.programs ?? {}, {
          dir: this.dir,
          name: address,
          capabilities,
        });
        this.drivers.set(address, driver);
        return Promise.resolve(driver);
      },
    });
  }

  /** The driver of that address, which has been opened. */
  driver(address = "docker"): FakeDriver {
    const driver = this.drivers.get(address);
    if (driver === undefined) throw new Error(`Nothing has opened ${address}`);
    return driver;
  }

  /** What programs wrote, as it was shown. */
  get shown(): string {
    return this.chunks.map(({ text }) => text).join("");
  }

  async runNode(spec: ContainerNodeSpec, options: CallOptions = {}): Promise<NodeOutcome> {
    return await this.containers.runNode(this.call(spec, options), spec);
  }

  /** Asks for something in a call that goes on until `signal` aborts. */
  async ask(
    method: string,
    params: JsonValue,
    { call = this.call(sampleNode("a")), signal = new AbortController().signal }: {
      readonly call?: NodeCall;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<JsonValue> {
    return await this.containers.ask(call, { method, params, signal }, (value) => {
      this.told.push(value);
      return undefined;
    });
  }

  call(spec: NodeSpec, options: CallOptions = {}): NodeCall {
    const node: CompiledNode = {
      id: spec.id,
      index: 0,
      stage: 0,
      spec,
      dependencies: [],
      dependents: [],
    };
    return {
      node,
      attempt: options.attempt ?? 1,
      input: options.input ?? {},
      run: {
        id: options.runId ?? "run-1",
        workflow: "test-flow",
        version: "1.0",
        trigger: { type: "manual" },
        ...options.isResumed === undefined ? {} : { isResumed: true },
      },
      signal: options.signal ?? new AbortController().signal,
      exclusive: false,
      tasks: options.tasks ?? memoryTasks(),
      onBegin: () => void this.begun++,
      onLog: (line) => void this.logs.push(line),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.containers[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** A container node that runs one fake program. */
export function containerNode(
  program: string,
  overrides: Partial<ContainerNodeSpec> = {},
): ContainerNodeSpec {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode("a");
  return {
    kind: "container",
    id: "step",
    description,
    timeoutMs,
    retry,
    allowFailure,
    onLost,
    config,
    image: "docker.io/library/alpine:3",
    command: { kind: "exec", argv: [program] },
    env: {},
    workdir: undefined,
    user: undefined,
    limits: { cpu: undefined, memoryBytes: undefined },
    mounts: [],
    driver: undefined,
    pull: "missing",
    ...overrides,
  };
}

/** A code node that may ask. */
export function codeNode(overrides: Partial<CodeNodeSpec> = {}): CodeNodeSpec {
  return { ...sampleNode("a"), container: "docker.io/library/alpine:3", ...overrides };
}

/** What `ctx.process.run` asks. */
export function processAsk(
  command: string,
  more: { readonly [key: string]: JsonValue } = {},
): JsonValue {
  return { command, args: [], env: {}, stdoutLevel: "info", stderrLevel: "warn", ...more };
}

/** What `runtime.run` asks. */
export function taskAsk(
  command: string,
  more: { readonly [key: string]: JsonValue } = {},
): JsonValue {
  return {
    index: 0,
    name: command,
    image: "docker.io/library/alpine:3",
    command: [command],
    env: {},
    mounts: {},
    limits: {},
    privileged: false,
    wantsOutput: false,
    ...more,
  };
}
