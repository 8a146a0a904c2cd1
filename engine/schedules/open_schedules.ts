import type { Clock } from "../clock/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import type { Registry } from "../registry/mod.ts";
import type { DocumentStore } from "../storage/mod.ts";
import {
  forgetMissed,
  openScheduleTrigger,
  type Trigger,
  type TriggerHost,
} from "../triggers/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import type { Schedule, ScheduleChange, Schedules, ScheduleSpec } from "./schedule.ts";
import { fromDocument, SCHEDULE, toDocument } from "./schedule_document.ts";

/** What schedules depend on. */
export interface OpenSchedulesOptions {
  readonly clock: Clock;
  /** Even in [0, 1). */
  random(): number;
  readonly log: TriggerHost["log"];
  /** When schedules may start runs: not before the runs of before a restart were taken up, as `overlap` knows of those. */
  readonly begun?: Promise<void>;
}

/** Until the next attempt when the storage did not answer. */
const AGAIN_MS = 5_000;

/**
 * Puts all schedules of the registry's storage to work, each as soon as its workflow is there. Those of a workflow
 * that is gone wait for it.
 */
export async function openSchedules(
  registry: Registry,
  options: OpenSchedulesOptions,
): Promise<Schedules> {
  const keeper = new ScheduleKeeper(registry, options);
  const first = keeper.look();
  if (options.begun === undefined) await first;
  return keeper;
}

interface AtWork {
  readonly trigger: Trigger;
  readonly workflow: Workflow;
  readonly revision: number;
}

class ScheduleKeeper implements Schedules {
  readonly #registry: Registry;
  readonly #store: DocumentStore;
  readonly #options: OpenSchedulesOptions;
  readonly #open = new Map<string, AtWork>();
  readonly #unlisten: () => void;
  #work: Promise<void>;
  #disarm = (): void => {};
  #isClosed = false;

  constructor(registry: Registry, options: OpenSchedulesOptions) {
    this.#registry = registry;
    this.#store = registry.storage;
    this.#options = options;
    this.#work = options.begun ?? Promise.resolve();
    this.#unlisten = registry.onChange(() => void this.look());
  }

  async list(): Promise<readonly Schedule[]> {
    return (await this.#store.listDocuments(SCHEDULE)).map(fromDocument);
  }

  async get(name: string): Promise<Schedule | undefined> {
    const document = await this.#store.getDocument(SCHEDULE, name);
    return document === undefined ? undefined : fromDocument(document);
  }

  atWork(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  async create(name: string, spec: ScheduleSpec): Promise<Schedule> {
    // One of that name may have been there before, and have missed ticks since.
    await this.#forgetMissed(name, spec.workflow);
    const document = await this.#store.putDocument({
      kind: SCHEDULE,
      id: name,
      value: toDocument(spec),
      updatedAt: this.#options.clock.now(),
    }, 0);
    if (document === undefined) throw taken(name);
    await this.look();
    return fromDocument(document);
  }

  async change(
    name: string,
    change: ScheduleChange,
    revision?: number,
  ): Promise<Schedule | undefined> {
    const old = await this.get(name);
    if (old === undefined) return undefined;
    if (revision !== undefined && revision !== old.revision) throw changed(name);
    if (old.isPaused && change.isPaused === false) await this.#forgetMissed(name, old.workflow);
    const document = await this.#store.putDocument({
      kind: SCHEDULE,
      id: name,
      value: toDocument({ ...old, ...change }),
      updatedAt: this.#options.clock.now(),
    }, old.revision);
    if (document === undefined) throw changed(name);
    await this.look();
    return fromDocument(document);
  }

  async remove(name: string): Promise<boolean> {
    const isRemoved = await this.#store.removeDocument(SCHEDULE, name);
    await this.look();
    return isRemoved;
  }

  /** Puts to work what should be, and stops what should not. Never rejects. */
  look(): Promise<void> {
    return this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      this.#disarm();
      try {
        await this.#settle(await this.list());
      } catch (error) {
        this.#log("warn", "schedules are looked at again in 5 s", error);
        this.#disarm = this.#options.clock.after(AGAIN_MS, () => void this.look());
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#unlisten();
    this.#disarm();
    await this.#work;
    this.#disarm();
    await Promise.all([...this.#open.keys()].map((name) => this.#stop(name)));
  }

  async #settle(schedules: readonly Schedule[]): Promise<void> {
    const wanted = new Map(
      schedules.filter(({ isPaused }) => !isPaused).map((schedule) => [schedule.name, schedule]),
    );
    for (const [name, { workflow, revision }] of this.#open) {
      const schedule = wanted.get(name);
      const now = schedule && this.#registry.get(schedule.workflow)?.workflow;
      if (now !== workflow || schedule?.revision !== revision) await this.#stop(name);
    }
    for (const [name, schedule] of wanted) {
      const workflow = this.#registry.get(schedule.workflow)?.workflow;
      if (workflow === undefined || this.#open.has(name)) continue;
      const { revision } = schedule;
      try {
        const trigger = await this.#start(schedule, workflow);
        this.#open.set(name, { trigger, workflow, revision });
      } catch (error) {
        this.#log("error", `the schedule "${name}" is off`, error);
      }
    }
  }

  async #start(schedule: Schedule, workflow: Workflow): Promise<Trigger> {
    const { name, timezone, overlap, catchUp, input, workflow: workflowName } = schedule;
    return await openScheduleTrigger(workflow, {
      ...this.#options,
      log: (level, message, fields) =>
        this.#options.log(level, message, { ...fields, workflow: workflowName }),
      name: triggerName(name),
      schedule: schedule.schedule,
      timezone,
      overlap,
      catchUp,
      input,
    });
  }

  async #stop(name: string): Promise<void> {
    const { trigger } = this.#open.get(name) ?? {};
    this.#open.delete(name);
    await trigger?.[Symbol.asyncDispose]();
  }

  async #forgetMissed(name: string, workflowName: string): Promise<void> {
    const workflow = this.#registry.get(workflowName)?.workflow;
    if (workflow === undefined) return;
    await forgetMissed(workflow, triggerName(name), this.#options);
  }

  #log(level: "warn" | "error", message: string, error: unknown): void {
    const why = error instanceof PdError ? `${error.code}: ${error.message}` : String(error);
    this.#options.log(level, `${message}: ${why}`);
  }
}

/** Apart from the names of triggers in files, which have no colon. */
function triggerName(name: string): string {
  return `schedule:${name}`;
}

function taken(name: string): CodedError {
  return new CodedError(
    "ALREADY_EXISTS",
    `Cannot keep "${name}" as a new schedule: there is one of that name`,
    { fix: `PATCH /api/v1/schedules/${name} changes it` },
  );
}

function changed(name: string): CodedError {
  return new CodedError(
    "REVISION_CONFLICT",
    `Cannot change the schedule "${name}" as asked: somebody else changed it meanwhile`,
    { fix: `GET /api/v1/schedules/${name}, and change that` },
  );
}
