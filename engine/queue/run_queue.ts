import type { Clock } from "../clock/mod.ts";
import type { QueueConfig } from "../spec/mod.ts";
import { isQueueFull } from "./is_queue_full.ts";

/** A run that asks for a place. */
export interface OfferedRun {
  readonly runId: string;
  /** From `partitionOf`, or as the caller named it; counts with `partitioned_replace` only. */
  readonly partition: string;
  /** Epoch milliseconds: `start_delay` counts from here. */
  readonly createdAt: number;
}

/** A run that waited already when the engine stopped. */
export interface RestoredRun extends OfferedRun {
  /** As it was stored; counts in place of `start_delay` of today. */
  readonly startAfter: number | undefined;
}

/** What becomes of a run that asks for a place. */
export type Offer =
  /** It has a place: store it as `running`, and begin. */
  | { readonly decision: "start" }
  /** Store it as `queued`, with `startAfter`. */
  | { readonly decision: "queue"; readonly startAfter: number | undefined }
  /** Neither now nor later: `QUEUE_FULL` with these figures. */
  | {
    readonly decision: "refuse";
    readonly limit: number;
    readonly waiting: number;
    readonly running: number;
    readonly concurrency: number;
  };

/** What the owner of the queue has to do now. */
export interface Moves {
  /** Begin these, in this order. They hold a place already. */
  readonly start: readonly string[];
  /** End these as cancelled. Those that waited have left the queue; those that run hold their place until `ended`. */
  readonly cancel: readonly string[];
}

/** The queue in figures. */
export interface QueueStats {
  readonly running: number;
  /** Runs that wait, `delayed` ones among them. */
  readonly waiting: number;
  /** Runs that wait for their `start_delay` to pass. */
  readonly delayed: number;
}

interface Waiting {
  readonly runId: string;
  readonly partition: string;
  readonly startAfter: number | undefined;
}

interface Running {
  readonly partition: string;
  isStopping: boolean;
}

const NOTHING: Moves = { start: [], cancel: [] };

/**
 * Decides which runs of one workflow go on, which wait, and which give way. It starts and stores nothing
 * itself, so that one synchronous call is one decision; whoever owns the workflow's runs owns one of these:
 *
 * ```ts ignore
 * const offer = queue.offer({ runId, partition, createdAt });  // the idempotency key is known to be new
 * if (offer.decision === "refuse") throw new QueueFullError(workflow, offer);
 * try {
 *   await storage.createRun({ …, status: offer.decision === "start" ? "running" : "queued" });
 * } catch (error) {
 *   act(queue.withdraw(runId));                               // as if it had never been offered
 *   throw error;
 * }
 * act(queue.accept(runId));                                   // now others may have to give way
 * // when a run has ended, whatever the end:    act(queue.ended(runId))
 * // when a cancel was asked for:               queue.cancelled(runId)
 * // at `queue.nextDueAt`, on a timer:          act(queue.due())
 * // after a restart, before the first offer:   act(queue.restore({ running, waiting }))
 * // after a hot reload:                        act(queue.configure(spec.config.queue))
 * ```
 *
 * Between `offer` and `accept` the run has its place, and nobody was cancelled for it: a storage that fails
 * harms no other run. Those that wait are in the order in which they were accepted.
 *
 * The limits hold for this queue. Engines that share a storage have one each: with `n` of them up to `n`
 * times as many runs go on and wait, and a run replaces only those of the engine that accepted it.
 */
export class RunQueue {
  #config: QueueConfig;
  readonly #clock: Pick<Clock, "now">;
  /** By run id, in the order of their start. */
  readonly #running = new Map<string, Running>();
  /** Accepted, in their order. */
  #waiting: Waiting[] = [];
  /** Offered as `queue`, and not accepted yet. */
  readonly #pending = new Map<string, Waiting>();

  constructor(config: QueueConfig, clock: Pick<Clock, "now">) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Gives a run its place, or says why there is none. `accept` or `withdraw` has to follow, unless refused. */
  offer({ runId, partition, createdAt }: OfferedRun): Offer {
    const { startDelayMs } = this.#config;
    if (startDelayMs === 0 && this.#hasRoom && this.#pending.size === 0) {
      this.#running.set(runId, { partition, isStopping: false });
      return { decision: "start" };
    }
    const waiting = this.#waiting.length + this.#pending.size;
    if (isQueueFull(this.#config, { running: this.#running.size, waiting })) {
      return this.#refusal();
    }
    const startAfter = startDelayMs === 0 ? undefined : createdAt + startDelayMs;
    this.#pending.set(runId, { runId, partition, startAfter });
    return { decision: "queue", startAfter };
  }

  /** The run of that id is stored. Those that it replaces or interrupts are told to go now. */
  accept(runId: string): Moves {
    const run = this.#pending.get(runId);
    if (run === undefined) return NOTHING;
    this.#pending.delete(runId);
    const replaced = this.#replacedBy(run);
    if (replaced !== undefined) this.#waiting.splice(this.#waiting.indexOf(replaced), 1);
    this.#waiting.push(run);
    const start = this.#pull();
    const cancel = replaced === undefined ? [] : [replaced.runId];
    return { start, cancel: [...cancel, ...this.#interrupt(start)] };
  }

  /** The run of that id was not accepted after all: as if it had never been offered. */
  withdraw(runId: string): Moves {
    this.#pending.delete(runId);
    return this.ended(runId);
  }

  /** The run of that id is over, or was given up: its place is free. Does nothing for an unknown one. */
  ended(runId: string): Moves {
    if (!this.#running.delete(runId)) this.#leave(runId);
    return { start: this.#pull(), cancel: [] };
  }

  /** A cancel was asked for. A run that waits frees its place at once, one that goes on when it has `ended`. */
  cancelled(runId: string): void {
    const running = this.#running.get(runId);
    if (running === undefined) this.#leave(runId);
    else running.isStopping = true;
  }

  /** Time has passed. */
  due(): Moves {
    const start = this.#pull();
    return { start, cancel: this.#interrupt(start) };
  }

  /** When `due` has to be called next, in epoch milliseconds; undefined when time alone changes nothing. */
  get nextDueAt(): number | undefined {
    if (!this.#hasRoom && !this.#config.interrupt) return undefined;
    const now = this.#clock.now();
    let next: number | undefined;
    for (const { startAfter } of this.#waiting) {
      if (startAfter === undefined || startAfter <= now) continue;
      if (next === undefined || startAfter < next) next = startAfter;
    }
    return next;
  }

  /** Takes up the runs of before a restart, each list oldest first. None is lost, whatever the limits say now. */
  restore(
    { running, waiting }: {
      readonly running: readonly Pick<OfferedRun, "runId" | "partition">[];
      readonly waiting: readonly RestoredRun[];
    },
  ): Moves {
    for (const { runId, partition } of running) {
      this.#running.set(runId, { partition, isStopping: false });
    }
    for (const { runId, partition, startAfter } of waiting) {
      this.#waiting.push({ runId, partition, startAfter });
    }
    return { start: this.#pull(), cancel: [] };
  }

  /** Goes on by other rules. Runs that are here stay; a larger `concurrency` starts some. */
  configure(config: QueueConfig): Moves {
    this.#config = config;
    return { start: this.#pull(), cancel: [] };
  }

  /** 1 for the run that starts next, unless a later one is ready sooner; undefined for one that does not wait. */
  position(runId: string): number | undefined {
    const index = this.#waiting.findIndex((run) => run.runId === runId);
    return index < 0 ? undefined : index + 1;
  }

  /** The queue in figures. */
  get stats(): QueueStats {
    const now = this.#clock.now();
    return {
      running: this.#running.size,
      waiting: this.#waiting.length + this.#pending.size,
      delayed: this.#waiting.filter((run) => !isReady(run, now)).length,
    };
  }

  get #hasRoom(): boolean {
    return this.#running.size < (this.#config.concurrency ?? Infinity);
  }

  #refusal(): Offer {
    return {
      decision: "refuse",
      limit: this.#config.limit ?? 0,
      waiting: this.#waiting.length + this.#pending.size,
      running: this.#running.size,
      concurrency: this.#config.concurrency ?? Infinity,
    };
  }

  /** The run that has to leave so that `run` may wait. */
  #replacedBy({ partition }: Waiting): Waiting | undefined {
    const { strategy, limit = Infinity, partitionLimit, concurrency = Infinity } = this.#config;
    if (strategy === "append") return undefined;
    if (strategy === "replace") {
      // Without a queue one may wait for the end of the run that it interrupts, and as many for their delay
      // as there are free places.
      const most = limit > 0 ? limit : Math.max(1, concurrency - this.#running.size);
      return this.#waiting.length >= most ? this.#waiting.at(-1) : undefined;
    }
    let last: Waiting | undefined;
    let count = 0;
    for (const run of this.#waiting) {
      if (run.partition !== partition) continue;
      last = run;
      count++;
    }
    return count >= partitionLimit ? last : undefined;
  }

  /** Gives free places to those that are ready, in their order. */
  #pull(): string[] {
    const started: string[] = [];
    if (!this.#hasRoom || this.#waiting.length === 0) return started;
    const now = this.#clock.now();
    // Nearly always the first is ready, so the rest need not be looked at.
    for (let index = 0; this.#hasRoom && index < this.#waiting.length;) {
      const run = this.#waiting[index];
      if (run === undefined || !isReady(run, now)) {
        index++;
        continue;
      }
      this.#waiting.splice(index, 1);
      this.#running.set(run.runId, { partition: run.partition, isStopping: false });
      started.push(run.runId);
    }
    return started;
  }

  /**
   * With `interrupt`: for each run that is ready and has no place, the oldest that goes on has to end, but
   * none that only begins.
   */
  #interrupt(begun: readonly string[]): string[] {
    const { interrupt, strategy } = this.#config;
    if (!interrupt || strategy === "append" || this.#hasRoom) return [];
    const now = this.#clock.now();
    const isPartitioned = strategy === "partitioned_replace";
    const wanted = new Map<string, number>();
    for (const run of this.#waiting) {
      if (!isReady(run, now)) continue;
      const key = isPartitioned ? run.partition : "";
      wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
    const victims: string[] = [];
    // Those that are on their way out count first.
    for (const stopping of [true, false]) {
      for (const [runId, run] of this.#running) {
        if (run.isStopping !== stopping || begun.includes(runId)) continue;
        const key = isPartitioned ? run.partition : "";
        const open = wanted.get(key) ?? 0;
        if (open === 0) continue;
        wanted.set(key, open - 1);
        if (stopping) continue;
        victims.push(runId);
      }
    }
    for (const runId of victims) this.cancelled(runId);
    return victims;
  }

  #leave(runId: string): void {
    const index = this.#waiting.findIndex((run) => run.runId === runId);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.#pending.delete(runId);
  }
}

function isReady({ startAfter }: Waiting, now: number): boolean {
  return startAfter === undefined || startAfter <= now;
}
