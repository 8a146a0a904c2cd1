import { AsyncLocalStorage } from "node:async_hooks";
import type { AskEngine } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { PipelineExit } from "./pipeline_exit.ts";
import type { PipelineContext, StepResult } from "./types.ts";

/** A step that has been started, in the order of the calls. */
interface Step {
  readonly name: string;
  result: StepResult | undefined;
}

/** What one run of a pipeline has come to. Warm hosts hold several at once. */
export class PipelineRun {
  readonly context: PipelineContext;
  /** Rejects with a `PipelineExit` when `runtime.exit()` is called. */
  readonly exited: Promise<never>;
  readonly #ask: AskEngine;
  readonly #steps: Step[] = [];
  readonly #names = new WeakMap<object, string>();
  readonly #reject: (exit: PipelineExit) => void;
  #exit: PipelineExit | undefined;
  #tasks = 0;
  #volumes = 0;

  constructor(ask: AskEngine, context: PipelineContext) {
    this.#ask = ask;
    this.context = context;
    const { promise, reject } = Promise.withResolvers<never>();
    this.exited = promise;
    this.#reject = reject;
    // Whoever ends it may not be waiting for it.
    promise.catch(() => {});
  }

  /** 0, 1, 2 …: tells a step or sandbox from others of its run, also when the pipeline runs a second time. */
  nextTask(): number {
    return this.#tasks++;
  }

  /** 1, 2, 3 …: for volumes without a name. */
  nextVolume(): number {
    return ++this.#volumes;
  }

  /** Asks the engine; after the end nothing is asked any more. */
  ask(method: string, params: object, onTell?: (value: JsonValue) => void): Promise<JsonValue> {
    if (this.#exit !== undefined) return Promise.reject(this.#exit);
    return this.#ask(method, params as JsonValue, onTell === undefined ? {} : { onTell });
  }

  /** Counts a step from its start, so that the last one is known whichever ends last. */
  async step(name: string, run: () => Promise<StepResult>): Promise<StepResult> {
    const step: Step = { name, result: undefined };
    this.#steps.push(step);
    const result = await run();
    step.result = result;
    this.#names.set(result, name);
    return result;
  }

  /** The name of the step that ended so. */
  nameOf(result: object): string | undefined {
    return this.#names.get(result);
  }

  /** The last step that was started and has ended. */
  lastStep(): { readonly name: string; readonly result: StepResult } | undefined {
    const step = this.#steps.findLast(({ result }) => result !== undefined);
    return step?.result === undefined ? undefined : { name: step.name, result: step.result };
  }

  /** Ends the pipeline; the first exit counts. */
  end(exit: PipelineExit): void {
    this.#exit ??= exit;
    this.#reject(this.#exit);
  }

  /** The exit code that `runtime.exit()` was called with first. */
  get exitCode(): number | undefined {
    return this.#exit?.exitCode;
  }
}

const current = new AsyncLocalStorage<PipelineRun>();
let loadingRun: PipelineRun | undefined;
let loaded: Promise<void> = Promise.resolve();

/** Calls `body` as a part of that run, and everything that it starts. */
export function within<T>(run: PipelineRun, body: () => T): T {
  return current.run(run, body);
}

/**
 * Calls `load`, which imports a module for that run. The runtime evaluates a module outside of whatever imports it, so
 * that a module is known to be that run's while no other one is loaded: one after another.
 */
export async function loadWithin<T>(run: PipelineRun, load: () => Promise<T>): Promise<T> {
  const previous = loaded;
  const { promise, resolve } = Promise.withResolvers<void>();
  loaded = promise;
  await previous;
  loadingRun = run;
  try {
    return await within(run, load);
  } finally {
    loadingRun = undefined;
    resolve();
  }
}

/**
 * The run that the caller is a part of.
 *
 * @throws {CodedError} `PIPELINE_INVALID` outside of one
 */
export function currentRun(member: string): PipelineRun {
  const run = current.getStore() ?? loadingRun;
  if (run !== undefined) return run;
  throw new CodedError(
    "PIPELINE_INVALID",
    `Cannot use "${member}" as it belongs to a run: no pipeline is running here`,
    { fix: "Use it within `export async function pipeline() { … }`, and start that with pd run" },
  );
}
