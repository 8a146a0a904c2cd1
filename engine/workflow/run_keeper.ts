import type { Clock } from "../clock/mod.ts";
import { PdError } from "../errors/mod.ts";
import type { RunEvent, RunInfo } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type Moves, partitionOf, QueueFullError, RunQueue } from "../queue/mod.ts";
import type { QueueConfig } from "../spec/mod.ts";
import type { Owner, Storage } from "../storage/mod.ts";
import type { Accepted, AcceptOptions, ExistingKey, OpenedRun, TakenRun } from "./accepted.ts";
import { AcceptedKeys } from "./accepted_keys.ts";
import type { Generation } from "./generation.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeptRun } from "./kept_run.ts";
import { limitRun } from "./limit_run.ts";
import { Releases } from "./releases.ts";
import { RunIntake } from "./run_intake.ts";
import type { Run } from "./run.ts";
import {
  cancelled,
  draining,
  idempotencyConflict,
  interrupted,
  RunGoneError,
  timedOut,
} from "./run_errors.ts";
import type { Views } from "./two_views.ts";
import { within } from "./within.ts";
import { WorkflowRun } from "./workflow_run.ts";

const MANUAL_TRIGGER: JsonValue = { type: "manual" };

/** What runs of a workflow are kept with. */
export interface RunKeeperOptions {
  readonly storage: Storage;
  readonly owner: Owner;
  /** Which folder or stored workflow the runs belong to. */
  readonly workflowKey: string;
  /** Under which the runs of earlier versions are kept. */
  readonly formerKeys: readonly string[];
  readonly clock: Clock;
  /** How long a run waits for a storage that is out of reach. */
  readonly patienceMs: number;
  readonly queue: QueueConfig;
  random(): number;
  newRunId(): string;
  onEvent(event: RunEvent): void;
  onWarning(message: string): void;
  /** What makes runs of the storage fit to be seen. */
  views(): Views;
  /** Takes up a run that nobody has, so that it can be ended. */
  takeUp(runId: string): Promise<void>;
}

/**
 * What becomes of runs that wait for their turn when an engine ends: a durable storage keeps them for the next one
 * (`keep`), they are cancelled, or they get their turn here.
 */
export type QueuedRuns = "keep" | "cancel" | "finish";

/** The runs that this engine owns: it accepts them, lets each wait for its turn, and knows them until they are over. */
export class RunKeeper implements AsyncDisposable {
  readonly #options: RunKeeperOptions;
  readonly #live = new Map<string, WorkflowRun>();
  readonly #queue: RunQueue;
  readonly #keys = new AcceptedKeys();
  readonly #intake: RunIntake;
  readonly #heartbeat: Heartbeat;
  readonly #releases: Releases;
  #disarmQueue: (() => void) | undefined;
  /** Runs whose acceptance is on its way to the storage. */
  #accepting = 0;
  #finished = 0;
  #draining = false;
  #leaving: string | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: RunKeeperOptions) {
    this.#options = options;
    this.#queue = new RunQueue(options.queue, options.clock);
    this.#releases = new Releases(options);
    this.#intake = new RunIntake(options);
    this.#heartbeat = new Heartbeat({
      ...options,
      runIds: () => [...this.#live.keys()],
      onCancel: (runId) => this.#live.get(runId)?.cancel(),
      onLost: (runId, reason) => this.#live.get(runId)?.lose(reason),
      onWarning: options.onWarning,
    });
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Runs that this engine owns and that are not over, those that wait among them. */
  get live(): ReadonlyMap<string, WorkflowRun> {
    return this.#live;
  }

  /** Runs that came to an end here. */
  get finished(): number {
    return this.#finished;
  }

  /** The queue in figures, and where runs wait in it. */
  get queue(): Pick<RunQueue, "stats" | "position"> {
    return this.#queue;
  }

  /**
   * Accepts a run: when this resolves it is stored, and will be finished. Its input has been checked.
   * A repetition by an idempotency key is answered with its run, also where a new one would be refused.
   *
   * @throws {PdError} `DRAINING`, `QUEUE_FULL`, `IDEMPOTENCY_CONFLICT`, `RUN_GONE`, `STORAGE_UNAVAILABLE`
   */
  async accept(
    generation: Generation,
    input: JsonValue,
    options: AcceptOptions,
  ): Promise<Accepted> {
    const { idempotency } = options;
    if (this.#draining) throw draining(generation.parts.spec.name);
    if (idempotency === undefined) return await this.#acceptNew(generation, input, options);
    // A reload while another request with the key is waited for must not take its nodes away.
    generation.acquire();
    try {
      return await this.#keys.once(idempotency, {
        now: () => this.#options.clock.now(),
        known: (existing) => this.#existing(existing),
        accept: () => this.#acceptKeyed(generation, input, { ...options, idempotency }),
      });
    } finally {
      generation.release();
    }
  }

  /** A key that another engine, or an earlier one, has accepted is no new run: only the storage knows it. */
  async #acceptKeyed(
    generation: Generation,
    input: JsonValue,
    options: AcceptOptions & Required<Pick<AcceptOptions, "idempotency">>,
  ): Promise<Accepted> {
    try {
      return await this.#acceptNew(generation, input, options);
    } catch (error) {
      if (!(error instanceof PdError) || error.code !== "QUEUE_FULL") throw error;
      const { storage, workflowKey } = this.#options;
      const { scope, key, fingerprint } = options.idempotency;
      const found = await storage.findKeyedRun(workflowKey, { scope, key, fingerprint });
      if (found === undefined) throw error;
      return await this.#existing({ ...found, key });
    }
  }

  async #acceptNew(
    generation: Generation,
    input: JsonValue,
    options: AcceptOptions,
  ): Promise<Accepted> {
    const { spec, blocked } = generation.parts;
    if (this.#draining) throw draining(spec.name);
    if (blocked !== undefined) throw blocked;
    options.admit?.();
    const { clock } = this.#options;
    const createdAt = clock.now();
    const runId = options.id ?? this.#options.newRunId();
    const partition = options.partition ?? partitionOf(spec.config.queue.key, input);
    const offer = this.#queue.offer({ runId, partition, createdAt });
    if (offer.decision === "refuse") throw new QueueFullError(spec.name, offer);
    const info: RunInfo = {
      id: runId,
      workflow: spec.name,
      version: spec.version,
      trigger: options.trigger ?? MANUAL_TRIGGER,
    };
    const { idempotency, timeoutMs, signal } = options;
    const deadlineAt = timeoutMs === undefined ? undefined : createdAt + timeoutMs;
    this.#accepting++;
    // A reload meanwhile must not take its nodes away.
    generation.acquire();
    let run: WorkflowRun | undefined;
    try {
      const place = { createdAt, partition, offer, deadlineAt, idempotency };
      const created = await this.#intake.store(generation, info, { input, ...place });
      if (created.status === "exists") {
        return await this.#existing({ ...created, key: idempotency?.key ?? "" });
      }
      this.#keys.set(idempotency, { runId, now: createdAt });
      const isQueued = offer.decision === "queue";
      run = this.#open(generation, {
        info,
        input,
        lease: created.lease,
        status: isQueued ? "queued" : "running",
        createdAt,
        startedAt: isQueued ? undefined : createdAt,
        before: [],
        resume: undefined,
        kept: options.kept,
      }, { isNew: true });
      limitRun(run, { signal, createdAt, deadlineAt }, clock);
      this.#begin(run);
      return { run, isNew: true };
    } finally {
      if (run === undefined) {
        generation.release();
        this.#act(this.#queue.withdraw(runId));
      }
      this.#accepting--;
      this.#tellIdle();
    }
  }

  /** Goes on with runs that were claimed for this engine, in their order. Each holds its generation already. */
  take(taken: readonly TakenRun[]): readonly WorkflowRun[] {
    const runs = taken.map((run) => this.#open(run.generation, run, { isNew: false }));
    const now = this.#options.clock.now();
    const goOn = taken.filter((run) =>
      run.problem === undefined && !run.cancelRequested && !isPast(run.deadlineAt, now)
    )
      .map(({ info, ...run }) => ({ ...run, runId: info.id }));
    const moves = this.#queue.restore({
      running: goOn.filter(({ status }) => status === "running"),
      waiting: goOn.filter(({ status }) => status === "queued"),
    });
    for (const [index, run] of runs.entries()) {
      const { problem, cancelRequested, status, createdAt, deadlineAt } = taken[index] as TakenRun;
      limitRun(run, { createdAt, deadlineAt }, this.#options.clock);
      if (this.#leaving !== undefined) this.#sendAway(run, this.#leaving);
      else if (problem !== undefined) run.fail(problem);
      else if (cancelRequested) run.cancel();
      else if (isPast(deadlineAt, now)) run.stop(timedOut(run.id, deadlineAt - createdAt));
      else if (status === "running") run.begin();
    }
    this.#act(moves);
    return runs;
  }

  /** The run of that id, of this workflow. */
  async get(runId: string): Promise<Run | undefined> {
    const live = this.#live.get(runId);
    if (live !== undefined) return live;
    const { storage, clock, workflowKey, formerKeys } = this.#options;
    const record = await storage.getRun(runId);
    if (record === undefined || ![workflowKey, ...formerKeys].includes(record.workflowKey)) {
      return undefined;
    }
    // It may have been accepted while the storage was asked.
    return this.#live.get(runId) ?? new KeptRun(record, {
      storage,
      clock,
      views: this.#options.views(),
      cancel: (id) => void this.#cancelElsewhere(id),
    });
  }

  /** Goes on by other rules of queueing. */
  configure(queue: QueueConfig): void {
    this.#act(this.#queue.configure(queue));
  }

  /**
   * Accepts no more runs, waits up to `graceMs` for those that go on, and gives the rest up: a durable
   * storage keeps them for whoever takes them up, otherwise they are cancelled.
   */
  async drain(graceMs: number, queued: QueuedRuns = "keep"): Promise<void> {
    this.#draining = true;
    const waiting = [...this.#live.values()].filter(({ status }) => status === "queued");
    const why = "the engine is shutting down";
    for (const run of waiting) {
      if (queued === "cancel") run.stop(cancelled(run.id, why));
      // Another engine gives them their turn.
      else if (queued === "keep" && this.#isDurable) run.interrupt(interrupted(run.id, why));
    }
    const inTime = await within(graceMs, this.#untilIdle(), this.#options.clock);
    if (!inTime) await this.close("the engine is shutting down");
  }

  /** Ends every run here at once. */
  async close(why: string): Promise<void> {
    this.#draining = true;
    this.#leaving = why;
    for (const run of this.#live.values()) this.#sendAway(run, why);
    await this.#untilIdle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("its workflow was closed");
    this.#disarmQueue?.();
    await this.#intake[Symbol.asyncDispose]();
    await this.#releases[Symbol.asyncDispose]();
    await this.#heartbeat[Symbol.asyncDispose]();
  }

  get #isDurable(): boolean {
    return this.#options.storage.kind !== "memory";
  }

  #sendAway(run: WorkflowRun, why: string): void {
    if (this.#isDurable) run.interrupt(interrupted(run.id, why));
    else run.stop(cancelled(run.id, why));
  }

  #open(
    generation: Generation,
    run: OpenedRun,
    { isNew }: { readonly isNew: boolean },
  ): WorkflowRun {
    const { storage, owner, clock, patienceMs, random, onEvent, onWarning } = this.#options;
    const parts = run.parts ?? generation.parts;
    const common = { parts, isNew, storage, owner, clock, patienceMs, random, onEvent, onWarning };
    const opened = new WorkflowRun({
      ...run,
      ...common,
      onStop: () => this.#queue.cancelled(run.info.id),
      onUnreleased: (lease) => this.#releases.add(lease),
    });
    this.#live.set(opened.id, opened);
    this.#heartbeat.wake();
    opened.result.then(() => this.#over(opened, generation));
    return opened;
  }

  /** Lets a run that is stored go on or wait. */
  #begin(run: WorkflowRun): void {
    const moves = this.#queue.accept(run.id);
    if (this.#leaving !== undefined) this.#sendAway(run, this.#leaving);
    else if (run.status === "running") run.begin();
    else if (!moves.start.includes(run.id)) run.waits(this.#queue.position(run.id));
    this.#act(moves);
  }

  #over(run: WorkflowRun, generation: Generation): void {
    if (this.#live.get(run.id) === run) this.#live.delete(run.id);
    this.#finished++;
    generation.release();
    if (run.status === "interrupted" && this.#leaving === undefined && !this.#draining) {
      this.#options.onWarning(run.summary.error ?? `run "${run.id}" was interrupted`);
    }
    this.#act(this.#queue.ended(run.id));
    this.#tellIdle();
  }

  /** Does what the queue says, and comes back when time alone changes something. */
  #act({ start, cancel }: Moves): void {
    for (const runId of start) this.#live.get(runId)?.begin();
    for (const runId of cancel) {
      this.#live.get(runId)?.stop(cancelled(runId, "a newer run took its place"));
    }
    this.#disarmQueue?.();
    this.#disarmQueue = undefined;
    const dueAt = this.#queue.nextDueAt;
    if (dueAt === undefined || this.#leaving !== undefined) return;
    const { clock } = this.#options;
    this.#disarmQueue = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.#disarmQueue = undefined;
      this.#act(this.#queue.due());
    });
  }

  async #existing({ runId, sameFingerprint, key }: ExistingKey): Promise<Accepted> {
    if (!sameFingerprint) throw idempotencyConflict(key);
    const run = await this.get(runId);
    if (run === undefined) throw new RunGoneError(runId);
    return { run, isNew: false };
  }

  async #cancelElsewhere(runId: string): Promise<void> {
    try {
      await this.#options.storage.requestCancel(runId);
      await this.#options.takeUp(runId);
    } catch (error) {
      this.#options.onWarning(`run ${runId} could not be cancelled: ${(error as Error).message}`);
    }
  }

  async #untilIdle(): Promise<void> {
    while (this.#live.size > 0 || this.#accepting > 0) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
  }

  #tellIdle(): void {
    if (this.#live.size > 0 || this.#accepting > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}

function isPast(deadlineAt: number | undefined, now: number): deadlineAt is number {
  return deadlineAt !== undefined && deadlineAt <= now;
}
