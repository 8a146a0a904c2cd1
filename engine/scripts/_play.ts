import { type Clock, systemClock } from "../clock/mod.ts";
import { createRedactor, type Secrets } from "../context/mod.ts";
import type { Driver } from "../drivers/mod.ts";
import { type LogLine, memoryTasks, type NodeCall, type NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";
import { openScripts } from "./open_scripts.ts";
import type { Scripts } from "./scripts.ts";

/** What a script is played with. */
export interface PlayOptions {
  readonly input?: JsonValue;
  readonly spec?: Partial<ScriptNodeSpec>;
  readonly signal?: AbortSignal;
  readonly runId?: string;
  onLog?(line: LogLine): void;
}

/** How a script went. */
export interface Played {
  readonly outcome: NodeOutcome;
  readonly logs: readonly LogLine[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Scripts of a folder of their own, run by the bash of this machine unless a driver is given. */
export class ScriptStage implements AsyncDisposable {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync());
  readonly cwd = `${this.dir}/project`;
  readonly scripts: Scripts;
  readonly warnings: string[] = [];
  /** How often a driver was opened. */
  opened = 0;

  constructor(
    { env = {}, secrets = {}, driver, clock = systemClock }: {
      readonly env?: { readonly [name: string]: string };
      readonly secrets?: Secrets;
      readonly driver?: Driver;
      readonly clock?: Clock;
    } = {},
  ) {
    Deno.mkdirSync(this.cwd);
    this.scripts = openScripts({
      cwd: this.cwd,
      env: { PATH: Deno.env.get("PATH") ?? "", PD_DATA_DIR: `${this.dir}/data`, ...env },
      redactor: createRedactor(secrets),
      clock,
      owner: { id: "owner", host: "here", pid: Deno.pid, startedAt: 1 },
      onWarning: (message) => this.warnings.push(message),
      open: async (address, options) => {
        this.opened++;
        if (driver !== undefined) return driver;
        const { openDriver } = await import("../drivers/mod.ts");
        return await openDriver(address, { ...options, dataDir: `${this.dir}/data` });
      },
    });
  }

  /** Plays a script of these entries to its end. */
  async play(script: readonly string[], options: PlayOptions = {}): Promise<Played> {
    const logs: LogLine[] = [];
    const spec = scriptNode({ script, ...options.spec });
    const call: NodeCall = {
      node: { id: spec.id, index: 0, stage: 0, spec, dependencies: [], dependents: [] },
      attempt: 1,
      input: options.input ?? {},
      run: {
        id: options.runId ?? crypto.randomUUID(),
        workflow: "test",
        version: "1.0",
        trigger: null,
      },
      signal: options.signal ?? new AbortController().signal,
      exclusive: false,
      tasks: memoryTasks(),
      onBegin: () => {},
      onLog(line) {
        logs.push(line);
        options.onLog?.(line);
      },
    };
    const outcome = await this.scripts.runNode(call, spec);
    if (options.runId === undefined) await this.scripts.endRun(call.run.id);
    return { outcome, logs, stdout: textOf(logs, "stdout"), stderr: textOf(logs, "stderr") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scripts[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** A script node with the defaults of a `pipelines.yml`. */
export function scriptNode(overrides: Partial<ScriptNodeSpec> = {}): ScriptNodeSpec {
  return {
    kind: "script",
    id: "task",
    description: undefined,
    timeoutMs: 60_000,
    retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1, jitter: false },
    allowFailure: false,
    onLost: "retry",
    config: {},
    script: [],
    env: {},
    ...overrides,
  };
}

/** What a stream was, byte for byte. */
export function textOf(logs: readonly LogLine[], stream: "stdout" | "stderr"): string {
  return logs.flatMap(({ message, fields }) => {
    const { stream: from, partial } = (fields ?? {}) as { stream?: string; partial?: boolean };
    return from === stream ? [message + (partial === true ? "" : "\n")] : [];
  }).join("");
}
