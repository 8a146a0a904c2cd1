import { allDone } from "./all_done.ts";
import type { Sandbox, TaskIo, TaskResult } from "./driver.ts";
import { DriverError } from "./driver_error.ts";

/** What goes on for one run. */
interface RunState {
  readonly ending: AbortController;
  /** By id: what was asked before is not done again. */
  readonly tasks: Map<string, Promise<TaskResult>>;
  /** What must settle before nothing new is made. */
  readonly pending: Set<Promise<unknown>>;
  readonly sandboxes: Set<Sandbox>;
  /** Something may have been made; not so when the other side never answered. */
  isUsed: boolean;
}

/**
 * The runs of a driver whose containers live elsewhere. A run is forgotten when nothing of it is left: one whose
 * removal has failed is tried again at its next `end`, before the next run begins, and at `endAll`.
 */
export class DriverRuns {
  readonly #remove: (runId: string) => Promise<void>;
  readonly #states = new Map<string, RunState>();
  readonly #endings = new Map<string, Promise<void>>();
  /** Over, with something of them left. */
  readonly #left = new Set<string>();

  /** @param remove Removes what was made for a run; again is fine. */
  constructor(remove: (runId: string) => Promise<void>) {
    this.#remove = remove;
  }

  /** Runs a task once, however often it is asked for. */
  async task(
    { runId, id }: { readonly runId: string; readonly id: string },
    io: TaskIo,
    work: (signal: AbortSignal) => Promise<TaskResult>,
  ): Promise<TaskResult> {
    const { tasks } = this.#stateOf(runId);
    const known = tasks.get(id);
    if (known !== undefined) return await orAborted(known, io.signal);
    const started = this.track(runId, work, io.signal);
    tasks.set(id, started);
    try {
      return await started;
    } catch (error) {
      // What did not run to its end may be tried again.
      tasks.delete(id);
      throw error;
    }
  }

  /** Starts a sandbox, which ends with its run. */
  async sandbox(
    runId: string,
    start: (signal: AbortSignal, onClose: () => void) => Promise<Sandbox>,
    signal?: AbortSignal,
  ): Promise<Sandbox> {
    const { sandboxes } = this.#stateOf(runId);
    return await this.track(runId, async (signal) => {
      const started = await start(signal, () => void sandboxes.delete(started));
      sandboxes.add(started);
      return started;
    }, signal);
  }

  /** Does something for a run, which ends when the run does. */
  async track<T>(
    runId: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const state = this.#stateOf(runId);
    const { ending, pending } = state;
    const both = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    const working = this.#after(runId, both, work);
    pending.add(working);
    try {
      const result = await working;
      state.isUsed = true;
      return result;
    } catch (error) {
      state.isUsed ||= !isUnavailable(error);
      throw error;
    } finally {
      pending.delete(working);
    }
  }

  /** Aborts when that run ends. */
  endOf(runId: string): AbortSignal {
    return this.#stateOf(runId).ending.signal;
  }

  /** Ends a run and removes what was made for it; nothing for a run that is not known. */
  async end(runId: string): Promise<void> {
    const state = this.#states.get(runId);
    if (state !== undefined) {
      this.#states.delete(runId);
      state.ending.abort(new DOMException("The run is over", "AbortError"));
      await Promise.allSettled(state.pending);
      const closing = [...state.sandboxes].map((sandbox) => sandbox[Symbol.asyncDispose]());
      await Promise.allSettled(closing);
      this.#left.add(runId);
    }
    if (!this.#left.has(runId)) return;
    try {
      await this.#removeOnce(runId);
    } catch (error) {
      if (state === undefined || state.isUsed || !isUnavailable(error)) throw error;
      // It never answered, so it has made nothing.
      this.#left.delete(runId);
    }
  }

  /** Ends every run; tries all of them before it rejects. */
  async endAll(): Promise<void> {
    const runs = [...new Set([...this.#states.keys(), ...this.#left])];
    await allDone(runs.map((runId) => this.end(runId)));
  }

  /** A run that goes on in this process begins without what its end has left. */
  async #after<T>(
    runId: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#left.has(runId)) await this.#removeOnce(runId);
    return await work(signal);
  }

  #removeOnce(runId: string): Promise<void> {
    let removing = this.#endings.get(runId);
    if (removing === undefined) {
      removing = this.#remove(runId).then(() => void this.#left.delete(runId))
        .finally(() => this.#endings.delete(runId));
      this.#endings.set(runId, removing);
    }
    return removing;
  }

  #stateOf(runId: string): RunState {
    const known = this.#states.get(runId);
    if (known !== undefined) return known;
    const state: RunState = {
      ending: new AbortController(),
      tasks: new Map(),
      pending: new Set(),
      sandboxes: new Set(),
      isUsed: false,
    };
    this.#states.set(runId, state);
    for (const other of this.#left) {
      // Its own failure keeps it for the next time; the end of this run waits for it.
      if (other === runId) continue;
      const removing = this.#removeOnce(other).catch(() => {});
      state.pending.add(removing);
      void removing.then(() => state.pending.delete(removing));
    }
    return state;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DriverError && error.code === "DRIVER_UNAVAILABLE";
}

/** What `promise` resolves to, for as long as its caller wants it. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
