import { type Clock, sleep } from "../../clock/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import {
  type FoundRun,
  keyedEntries,
  type RegisteredWorkflow,
  type Registry,
} from "../../registry/mod.ts";
import type { RunRecord } from "../../storage/mod.ts";
import type { Run } from "../../workflow/mod.ts";
import { JobProjection } from "./job_projection.ts";
import { KeptTexts } from "./kept_texts.ts";
import { RecentRecords } from "./recent_records.ts";

/** Where jobs come from. */
export interface JobViewsOptions {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What a storage lists at a time. */
const PAGE = 1_000;
/** Events read from a storage at a time. */
const EVENTS = 1_000;
/** How long jobs are read from a storage before other requests get their turn. */
const AT_A_TIME_MS = 5;
/** How far back a job is looked for by the id that prunner gave it. */
const MAX_FORMER = 10_000;
/** Jobs that go on elsewhere, of which is remembered how far they were read. */
const MAX_ELSEWHERE = 1_000;

/**
 * Runs as jobs, in JSON. Those that are over are written once and kept, as long as there is room; those that go on
 * here are told by their events in memory. No event is read twice, however many look on.
 */
export class JobViews {
  readonly #options: JobViewsOptions;
  readonly #kept = new KeptTexts();
  /** Of jobs that are not over, by run id. */
  readonly #open = new Map<string, JobProjection>();
  /** Ids of runs by the ids that prunner gave their jobs. */
  readonly #former = new KeptTexts({ maxTexts: 20_000 });
  #looking: Promise<unknown> | undefined;
  readonly #reading = new Map<string, Promise<string>>();

  readonly #records: RecentRecords;

  constructor(options: JobViewsOptions) {
    this.#options = options;
    this.#records = new RecentRecords(options.registry.storage, options.clock);
    options.registry.subscribe((event, entry) => this.#onEvent(event, entry));
  }

  /** A job was accepted: whoever asks for a list from now on finds it. */
  accepted(): void {
    this.#records.changed();
  }

  /** The newest jobs of these workflows, each in JSON, newest first. */
  async list(entries: readonly RegisteredWorkflow[], limit: number): Promise<readonly string[]> {
    const { clock } = this.#options;
    const byKey = keyedEntries(entries);
    const jobs: string[] = [];
    let sinceMs = clock.now();
    let before: string | undefined;
    while (jobs.length < limit) {
      const size = Math.min(PAGE, limit - jobs.length);
      const page = await this.#records.list({
        workflowKeys: [...byKey.keys()],
        limit: size,
        ...before === undefined ? {} : { before },
      });
      for (const record of page) {
        const entry = byKey.get(record.workflowKey);
        if (entry === undefined) continue;
        const text = this.#known(record, entry);
        if (text === undefined && clock.now() - sinceMs >= AT_A_TIME_MS) {
          await sleep(0, clock);
          sinceMs = clock.now();
        }
        const job = text ?? await this.#read(record.runId, entry);
        if (job !== undefined) jobs.push(job);
      }
      before = page.at(-1)?.runId;
      if (page.length < size) break;
    }
    return jobs;
  }

  /** The run of a job, also of one that was taken over from prunner with an id of its own. */
  async find(jobId: string): Promise<FoundRun | undefined> {
    const { registry } = this.#options;
    const found = await registry.findRun(jobId);
    if (found !== undefined) return found;
    // Which there are is known from lists: one look is enough, as nothing of the kind comes later.
    const looking = this.#looking ??= this.list(registry.list(), MAX_FORMER);
    await looking.catch((error) => {
      if (this.#looking === looking) this.#looking = undefined;
      throw error;
    });
    const runId = this.#former.get(jobId);
    return runId === undefined ? undefined : await registry.findRun(runId);
  }

  /** One job in JSON. */
  async one({ run, entry }: FoundRun): Promise<string> {
    return this.#kept.get(keyOf(run.id, entry)) ?? await this.#update(run, entry);
  }

  /** Whether a job has such a task; what follows a failed run is one once it has begun. */
  async hasTask({ run, entry }: FoundRun, task: string): Promise<boolean> {
    const isPlain = run.dag.nodes.some(({ id }) => id === task);
    if (isPlain || task !== run.dag.onError?.id) return isPlain;
    const job: { readonly tasks: readonly { readonly name: string }[] } = JSON.parse(
      await this.one({ run, entry }),
    );
    return job.tasks.some(({ name }) => name === task);
  }

  /** What is there without a look into the storage, or into the memory of a run. */
  #known({ runId, lastSeq }: RunRecord, entry: RegisteredWorkflow): string | undefined {
    const kept = this.#kept.get(keyOf(runId, entry));
    if (kept !== undefined) return kept;
    const open = this.#open.get(runId);
    // One that goes on here may be further than what the storage said.
    if (open === undefined || open.lastSeq < lastSeq) return undefined;
    return entry.workflow.liveRun(runId) === undefined ? open.toText() : undefined;
  }

  /** Undefined when the run was deleted meanwhile. */
  async #read(runId: string, entry: RegisteredWorkflow): Promise<string | undefined> {
    const run = entry.workflow.liveRun(runId) ?? await entry.workflow.run(runId);
    return run === undefined ? undefined : await this.#update(run, entry);
  }

  #update(run: Run, entry: RegisteredWorkflow): Promise<string> {
    const key = keyOf(run.id, entry);
    const reading = this.#reading.get(key);
    if (reading !== undefined) return reading;
    const update = this.#project(run, entry).finally(() => this.#reading.delete(key));
    this.#reading.set(key, update);
    return update;
  }

  async #project(run: Run, entry: RegisteredWorkflow): Promise<string> {
    const projection = this.#open.get(run.id) ?? new JobProjection(run, entry.name);
    if (entry.workflow.liveRun(run.id) === run) {
      const events = await run.eventsSoFar(projection.lastSeq);
      const isEnding = ENDS.has(events.at(-1)?.kind ?? "");
      // It is over when its place is free: whoever sees its end may start the next one at once.
      const hasPlace = isEnding && entry.workflow.liveRun(run.id) === run;
      projection.apply(hasPlace ? events.slice(0, -1) : events);
    } else {
      for (;;) {
        const events = await run.eventsSoFar(projection.lastSeq, EVENTS);
        projection.apply(events);
        if (events.length < EVENTS) break;
      }
    }
    const text = projection.toText();
    if (projection.id !== run.id) this.#former.set(projection.id, run.id);
    if (projection.isOver) {
      this.#open.delete(run.id);
      this.#kept.set(keyOf(run.id, entry), text);
    } else {
      this.#remember(run.id, projection);
    }
    return text;
  }

  #remember(runId: string, projection: JobProjection): void {
    this.#open.delete(runId);
    this.#open.set(runId, projection);
    if (this.#open.size <= MAX_ELSEWHERE) return;
    for (const oldest of this.#open.keys()) {
      this.#open.delete(oldest);
      break;
    }
  }

  /** A run that ends here is written down while its events are in memory. */
  #onEvent(event: RunEvent, entry: RegisteredWorkflow): void {
    if (!ENDS.has(event.kind)) return;
    const run = entry.workflow.liveRun(event.runId);
    if (run === undefined) return;
    run.result.then(() => this.#project(run, entry)).catch(() => {
      // Whoever asks for it reads it from the storage.
      this.#open.delete(event.runId);
    });
  }
}

const ENDS: ReadonlySet<string> = new Set(["run.succeeded", "run.failed", "run.cancelled"]);

/** A pipeline that was renamed shows its jobs under the new name. */
function keyOf(runId: string, { name }: RegisteredWorkflow): string {
  return `${runId} ${name}`;
}
