import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { compile } from "../compiler/mod.ts";
import { sampleNode, sampleWorkflow } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { NodeSpec, RetryPolicy, ScriptNodeSpec, WorkflowSpec } from "../spec/mod.ts";
import {
  createExecutor,
  type ExecutionResult,
  type NodeCall,
  type NodeOutcome,
  type ResumedNodes,
  type RetryAdvice,
  type RunEventBody,
} from "./mod.ts";

/** What a node does in one attempt. */
export type Act = (call: NodeCall, clock: FakeClock) => NodeOutcome | Promise<NodeOutcome>;

/** A run to be played: its graph, and what each node does, attempt by attempt. */
export interface Script {
  readonly kind?: "staged" | "eager";
  /** A name alone is a node that succeeds with its name and has the defaults of the format. */
  readonly nodes: readonly (string | NodeSpec)[];
  readonly edges?: readonly string[];
  /** The last act of a list is repeated. */
  readonly acts?: { readonly [node: string]: Act | readonly Act[] };
  readonly input?: JsonValue;
  /** `false` skips what depends on a failed node, and nothing else. */
  readonly failFast?: boolean;
  /** Runs after a failed run. */
  readonly onError?: ScriptNodeSpec;
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  /** What `emit` returns. */
  readonly resume?: ResumedNodes;
  readonly recorded?: (event: RunEventBody) => void | Promise<void>;
}

/** A run that is being played. */
export interface Play {
  readonly clock: FakeClock;
  readonly events: RunEventBody[];
  readonly calls: NodeCall[];
  readonly result: Promise<ExecutionResult>;
  cancel(reason?: unknown): void;
}

/** Starts a run under a fake clock. */
export function play(script: Script): Play {
  const { dag, diagnostics } = compile(specOf(script));
  assert.ok(dag, diagnostics[0]?.message);
  const clock = new FakeClock(1_000);
  const controller = new AbortController();
  const events: RunEventBody[] = [];
  const calls: NodeCall[] = [];
  const runner = {
    // deno-lint-ignore require-await
    async run(call: NodeCall): Promise<NodeOutcome> {
      calls.push(call);
      const acts = [script.acts?.[call.node.id] ?? gives(call.node.id)].flat();
      const act = acts[call.attempt - 1] ?? acts.at(-1);
      assert.ok(act);
      return act(call, clock);
    },
  };
  const result = createExecutor(script.kind ?? "staged").execute(dag, runner, {
    run: { id: "run-1", workflow: "test-flow", version: "1.0", trigger: { type: "manual" } },
    signal: script.signal ?? controller.signal,
    emit(event) {
      events.push(event);
      return script.recorded?.(event);
    },
    outputOf: (node, lastBytes) =>
      Promise.resolve({ stdout: `out of ${node}`, stderr: `at most ${lastBytes}` }),
    clock,
    random: script.random ?? (() => 0.5),
    ...script.resume === undefined ? {} : { resume: script.resume },
  }, script.input);
  return { clock, events, calls, result, cancel: (reason) => controller.abort(reason) };
}

/** The workflow of a run. */
export function specOf(script: Script): WorkflowSpec {
  const { config, ...spec } = sampleWorkflow(script.nodes, script.edges ?? []);
  const { failFast, onError } = script;
  return {
    ...spec,
    config: failFast === undefined ? config : { ...config, failFast },
    ...onError === undefined ? {} : { onError },
  };
}

/** What follows a failed run. */
export function onErrorNode(): ScriptNodeSpec {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode("on_error");
  const base = { id: "on_error", description, timeoutMs, retry, allowFailure, onLost, config };
  return { ...base, kind: "script", script: ["true"], env: {} };
}

/** The events of a run in short: `node.failed a#2 NODE_TIMEOUT`. */
export function brief(events: readonly RunEventBody[]): string[] {
  return events.map((event) => {
    const node = "node" in event ? ` ${event.node}` : "";
    const attempt = "attempt" in event ? `#${event.attempt}` : "";
    const delay = "delayMs" in event ? ` in ${event.delayMs}` : "";
    const error = "error" in event ? ` ${event.error.code}` : "";
    return event.kind + node + attempt + delay + error;
  });
}

/** A node with a retry policy of whole steps, without jitter unless asked for. */
export function retrying(id: string, policy: Partial<RetryPolicy> = {}): NodeSpec {
  const retry = {
    maxAttempts: 5,
    initialIntervalMs: 100,
    backoff: 2,
    maxIntervalMs: 10_000,
    jitter: false,
  };
  return sampleNode(id, { retry: { ...retry, ...policy } });
}

/** Succeeds at once. */
export function gives(output: JsonValue): Act {
  return (call) => {
    call.onBegin();
    return { status: "succeeded", output };
  };
}

/** Fails at once. */
export function fails(code = "NODE_FAILED", retry: RetryAdvice = { kind: "policy" }): Act {
  return (call) => {
    call.onBegin();
    return { status: "failed", error: { code, message: `${call.node.id} broke` }, retry };
  };
}

/** Loses its host at once. */
export function loses(): Act {
  return (call) => {
    call.onBegin();
    return { status: "lost", error: { code: "NODE_LOST", message: "its host was killed" } };
  };
}

/** Works for `ms`, then does as `act` does; obeys its signal at once. */
export function after(ms: number, act: Act): Act {
  return (call, clock) =>
    new Promise((resolve) => {
      call.onBegin();
      const disarm = clock.after(ms, () => resolve(act(call, clock)));
      call.signal.addEventListener("abort", () => {
        disarm();
        resolve({ status: "cancelled" });
      }, { once: true });
    });
}

/** Begins, and is never heard of again. */
export function hangs(): Act {
  return (call) => {
    call.onBegin();
    return new Promise(() => {});
  };
}
