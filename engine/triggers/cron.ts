import { PdError } from "../errors/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { CronTriggerSpec } from "../spec/mod.ts";
import { type CronSchedule, openCronSchedule } from "./cron_schedule.ts";
import { dueTicks } from "./due_ticks.ts";
import type { StartedRun, Trigger, TriggerHost } from "./trigger.ts";

/** Longest timer. A clock that was set, or a machine that slept, is noticed after so long. */
const LOOK_MS = 60_000;
/** How late a tick may start without being missed: a restart takes less. */
const LATE_MS = 60_000;
/** Until the next attempt at a tick that the storage did not take. */
const AGAIN_MS = 5_000;
/** The clock was set back, rather than read by two threads. */
const SET_BACK_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
const MAX_TTL_MS = 3_650 * DAY_MS;

/** How a cron trigger is opened. */
export interface CronTriggerOptions {
  /** Its name where the spec has none: see `triggerNames`. */
  readonly name?: string;
}

/**
 * Starts runs by the clock, until drained or disposed.
 *
 * Each tick is started under the idempotency key `cron:<name>:<scheduledAt>` and noted in the trigger's state
 * only then, so that neither a restart nor a second engine misses or doubles one. The input is
 * `{"trigger": name}`, or `{}` for a trigger without a name. What the storage does not take now is tried again.
 */
export async function openCronTrigger(
  spec: CronTriggerSpec,
  host: TriggerHost,
  { name = spec.name ?? "cron-0" }: CronTriggerOptions = {},
): Promise<Trigger> {
  const trigger = new CronTrigger(spec, { host, name, schedule: await openCronSchedule(spec) });
  trigger.begin();
  return trigger;
}

interface Parts {
  readonly host: TriggerHost;
  readonly name: string;
  readonly schedule: CronSchedule;
}

class CronTrigger implements Trigger {
  readonly type = "cron";
  readonly name: string;
  readonly #spec: CronTriggerSpec;
  readonly #host: TriggerHost;
  readonly #schedule: CronSchedule;
  /** Of the schedule: ticks that another one missed are none of ours. */
  readonly #pattern: string;
  /** Runs of this trigger that are not over, as far as known here; other engines' among them. */
  readonly #going = new Map<string, StartedRun>();
  readonly #stop = new AbortController();
  /** Every tick up to then is settled; undefined until the storage has said so. */
  #settledAt: number | undefined;
  #lookedAt = 0;
  #next: { readonly scheduledAt: number; readonly fireAt: number } | undefined;
  #cancelTimer: () => void = () => {};
  #work: Promise<void> = Promise.resolve();

  constructor(spec: CronTriggerSpec, { host, name, schedule }: Parts) {
    this.name = name;
    this.#spec = spec;
    this.#host = host;
    this.#schedule = schedule;
    this.#pattern = `${spec.schedule} ${spec.timezone}`;
  }

  /** Looks what was missed, and waits for the next tick. */
  begin(): void {
    for (const run of this.#host.running(this.name)) this.#follow(run);
    this.#lookedAt = this.#host.clock.now();
    this.#look();
  }

  async drain(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer();
    await this.#work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  /** Settles what is due, and sets the timer for what comes next. */
  #look(): void {
    this.#work = this.#settle().then((waitMs) => {
      if (this.#stop.signal.aborted) return;
      this.#cancelTimer = this.#host.clock.after(waitMs, () => this.#look());
    });
  }

  /** Resolves to the milliseconds until the next look. Never rejects. */
  async #settle(): Promise<number> {
    const { clock } = this.#host;
    const now = clock.now();
    if (now < this.#lookedAt - SET_BACK_MS) {
      // Ticks that come again are known by their keys.
      this.#host.log("warn", "the clock was set back", { byMs: this.#lookedAt - now });
      this.#settledAt = Math.min(this.#settledAt ?? now, now);
      this.#next = undefined;
    }
    this.#lookedAt = now;
    try {
      this.#settledAt ??= await this.#recall(now);
      if (this.#next === undefined || this.#next.fireAt <= now) {
        await this.#fire(this.#settledAt, now);
      }
      this.#next ??= this.#plan(this.#settledAt);
    } catch (error) {
      this.#log("warn", `the next look is in ${AGAIN_MS / 1000} s`, error);
      return AGAIN_MS;
    }
    if (this.#next === undefined) return LOOK_MS;
    return Math.min(LOOK_MS, Math.max(0, this.#next.fireAt - clock.now()));
  }

  /** Up to when ticks were settled before this start. */
  async #recall(now: number): Promise<number> {
    const state = await this.#host.updateState(this.name, (old) =>
      // The first start, or another schedule than before: nothing was missed.
      readState(old)?.pattern === this.#pattern
        ? old ?? null
        : { scheduledAt: now, schedule: this.#pattern });
    // A state of the future is that of a clock that was wrong.
    return Math.min(readState(state)?.scheduledAt ?? now, now);
  }

  /** The next tick, and when it fires: later by a random part of `jitter`, but before the one after it. */
  #plan(settledAt: number): { scheduledAt: number; fireAt: number } | undefined {
    const scheduledAt = this.#schedule.next(settledAt);
    if (scheduledAt === undefined) return undefined;
    const { jitterMs } = this.#spec;
    if (jitterMs === 0) return { scheduledAt, fireAt: scheduledAt };
    const gapMs = (this.#schedule.next(scheduledAt) ?? Infinity) - scheduledAt;
    const mostMs = Math.min(jitterMs, gapMs - 1);
    return { scheduledAt, fireAt: scheduledAt + Math.floor(this.#host.random() * (mostMs + 1)) };
  }

  /** Starts what came due after `from`, and gives up what was missed. */
  async #fire(from: number, now: number): Promise<void> {
    const { catchUp, catchUpWindowMs: windowMs, jitterMs, overlap } = this.#spec;
    const lateMs = LATE_MS + jitterMs;
    const due = dueTicks(this.#schedule, { from, now, catchUp, windowMs, lateMs });
    if (due.missed > 0) {
      this.#host.count(this.name, "missed", due.missed);
      this.#host.log("warn", `${due.missed} ticks were missed`, {
        trigger: this.name,
        since: iso(from),
        caughtUp: due.ticks.length,
      });
      await this.#settled((due.ticks[0] ?? now + 1) - 1);
    }
    const isBacklog = due.ticks.length > 1;
    for (const scheduledAt of due.ticks) {
      // One after another, whatever `overlap` says of ticks that come in time.
      if (isBacklog && overlap !== "allow") await this.#allOver();
      if (this.#stop.signal.aborted) return;
      const isDone = await this.#tick(scheduledAt);
      if (!isDone) return;
      await this.#settled(scheduledAt);
    }
    this.#next = undefined;
  }

  /** False when the trigger was stopped over it. */
  async #tick(scheduledAt: number): Promise<boolean> {
    const { overlap } = this.#spec;
    if (this.#going.size > 0 && overlap === "forbid") {
      this.#host.count(this.name, "missed", 1);
      this.#host.log("warn", "a tick was skipped, as the last run still goes on", {
        trigger: this.name,
        scheduledAt: iso(scheduledAt),
        running: [...this.#going.keys()],
      });
      return true;
    }
    if (this.#going.size > 0 && overlap === "replace") {
      this.#cancelAll(scheduledAt);
      await this.#allOver();
      if (this.#stop.signal.aborted) return false;
    }
    await this.#start(scheduledAt);
    return true;
  }

  async #start(scheduledAt: number): Promise<void> {
    const { clock } = this.#host;
    const firedAt = clock.now();
    const ttlMs = Math.min(this.#spec.catchUpWindowMs + 2 * DAY_MS, MAX_TTL_MS);
    const input: JsonObject = this.#spec.name === undefined ? {} : { trigger: this.#spec.name };
    try {
      const run = await this.#host.start(input, {
        trigger: {
          type: "cron",
          name: this.name,
          scheduledAt: iso(scheduledAt),
          firedAt: iso(firedAt),
        },
        idempotency: {
          scope: `cron:${this.name}`,
          key: `cron:${this.name}:${iso(scheduledAt)}`,
          ttlMs,
        },
      });
      this.#follow(run);
      if (run.isNew) this.#host.count(this.name, "lag_ms", Math.max(0, firedAt - scheduledAt));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // The next engine catches it up, or the next tick comes: this one is refused for good.
      this.#host.count(this.name, "refused", 1);
      this.#log("error", `the tick of ${iso(scheduledAt)} was refused`, error);
    }
  }

  /** Every tick up to then is done with. The storage need not know: the keys of the ticks are there. */
  async #settled(upTo: number): Promise<void> {
    this.#settledAt = upTo;
    const now = this.#host.clock.now();
    try {
      await this.#host.updateState(this.name, (old) => {
        const known = readState(old);
        const before = known?.pattern === this.#pattern ? Math.min(known.scheduledAt, now) : 0;
        return { scheduledAt: Math.max(before, upTo), schedule: this.#pattern };
      });
    } catch (error) {
      this.#log("warn", "the state of the trigger was not kept", error);
    }
  }

  #follow(run: StartedRun): void {
    this.#going.set(run.runId, run);
    const forget = () => void this.#going.delete(run.runId);
    run.result.then(forget, forget);
  }

  #cancelAll(scheduledAt: number): void {
    for (const run of this.#going.values()) {
      this.#host.log("info", "a run gives way to the next tick", {
        trigger: this.name,
        runId: run.runId,
        scheduledAt: iso(scheduledAt),
      });
      run.cancel();
    }
  }

  /** Resolves when no run of this trigger goes on, or when the trigger stops. */
  async #allOver(): Promise<void> {
    const { signal } = this.#stop;
    if (this.#going.size === 0 || signal.aborted) return;
    const ends = Promise.allSettled([...this.#going.values()].map((run) => run.result));
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    ends.then(() => resolve());
    await promise;
    signal.removeEventListener("abort", onAbort);
  }

  #log(level: "warn" | "error", message: string, error: unknown): void {
    const why = error instanceof PdError ? `${error.code}: ${error.message}` : String(error);
    this.#host.log(level, `${message}: ${why}`, { trigger: this.name });
  }
}

function readState(
  value: JsonValue | undefined,
): { scheduledAt: number; pattern: unknown } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { scheduledAt, schedule } = value as JsonObject;
  return typeof scheduledAt === "number" ? { scheduledAt, pattern: schedule } : undefined;
}

/** A tick that will be taken later: by this engine, or after a restart. */
function isUnavailable(error: unknown): boolean {
  return error instanceof PdError &&
    (error.code === "STORAGE_UNAVAILABLE" || error.code === "DRAINING");
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
