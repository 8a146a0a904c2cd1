import type { PdError } from "../errors/mod.ts";
import { AttemptTasks } from "./attempt_tasks.ts";
import type { RunEventBody } from "./events.ts";
import type { NodeCall, NodeOutcome, RunInfo } from "./node_runner.ts";
import type { NodeRun } from "./node_run.ts";
import type { Stoppable } from "./execution.ts";

/** What an attempt needs of the execution around it. */
interface AttemptOptions {
  readonly run: RunInfo;
  /** Takes a log line; has handled its own failure. */
  note(event: RunEventBody): void;
  /** Appends an event; rejects when it cannot be stored. */
  keep(event: RunEventBody): Promise<void>;
}

/** One attempt while it runs: what the runner sees of it, and what may stop it. */
export class Attempt implements Stoppable {
  readonly call: NodeCall;
  /** The outcome is known: whatever comes later is ignored. */
  isOver = false;
  /** Set by the wrapper that watches the clock. */
  onBegin: (() => void) | undefined;
  /** Set by the wrapper that sees to it that a stop is obeyed. */
  onStop: (() => void) | undefined;
  readonly #controller = new AbortController();
  readonly #options: AttemptOptions;
  #hasBegun = false;

  constructor(nodeRun: NodeRun, options: AttemptOptions) {
    const { node, input, attempts: attempt } = nodeRun;
    this.#options = options;
    // An object of its own fields, so that a runner may pass on `{ ...call, onLog }`.
    this.call = {
      node,
      attempt,
      input,
      run: options.run,
      signal: this.#controller.signal,
      exclusive: nodeRun.losses > 0,
      tasks: new AttemptTasks(nodeRun, this),
      onBegin: () => {
        if (this.#hasBegun || this.isOver) return;
        this.#hasBegun = true;
        this.onBegin?.();
      },
      onLog: (line) => {
        if (!this.isOver) options.note({ kind: "log", node: node.id, attempt, ...line });
      },
    };
  }

  /** 1 for the first. */
  get number(): number {
    return this.call.attempt;
  }

  /** Appends an event; rejects when it cannot be stored. */
  keep(event: RunEventBody): Promise<void> {
    return this.#options.keep(event);
  }

  get isStopped(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Tells the node to stop. Only the first time counts. */
  stop(reason: PdError): void {
    if (this.isOver || this.isStopped) return;
    this.#controller.abort(reason);
    this.onStop?.();
  }
}

/** Runs one attempt to its outcome. */
export type RunAttempt = (attempt: Attempt) => Promise<NodeOutcome>;
