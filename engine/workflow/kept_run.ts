import type { Clock } from "../clock/mod.ts";
import { compile, type CompiledDag } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { ExecutionResult, RunEvent, RunStatus } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { isOver, type Storage, type StoredRun } from "../storage/mod.ts";
import { resultOfEvents } from "./result_of_events.ts";
import type { Run, RunSummary } from "./run.ts";
import { summaryOf } from "./summary_of.ts";
import { shownEvent, shownValue, type Views } from "./two_views.ts";

/** Events read from the storage at a time. */
const PAGE = 1_000;
/** The storage tells of changes; this is for one that went unnoticed. */
const LOOK_AGAIN_MS = 2_000;

/** What a run of the storage is looked at with. */
export interface KeptRunOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly views: Views;
  /** Ends the run as cancelled, whoever has it. */
  cancel(runId: string): void;
}

/** A run that this engine does not drive: it is over, or another engine has it, or nobody has. */
export class KeptRun implements Run {
  readonly #options: KeptRunOptions;
  #record: StoredRun;
  #dag: CompiledDag | undefined;
  #result: Promise<ExecutionResult> | undefined;

  constructor(record: StoredRun, options: KeptRunOptions) {
    this.#record = record;
    this.#options = options;
  }

  get id(): string {
    return this.#record.runId;
  }

  get status(): RunStatus {
    return this.#record.status;
  }

  get input(): JsonValue {
    return shownValue(this.#record.input, this.#options.views);
  }

  get dag(): CompiledDag {
    return this.#dag ??= graphOf(this.#record);
  }

  get summary(): RunSummary {
    return summaryOf(this.#record, this.#options.views, this.#options.clock.now());
  }

  get result(): Promise<ExecutionResult> {
    return this.#result ??= this.#untilOver();
  }

  async *events(afterSeq = 0, signal?: AbortSignal): AsyncGenerator<RunEvent> {
    let at = afterSeq;
    while (!signal?.aborted) {
      const batch = await this.eventsSoFar(at, PAGE);
      yield* batch;
      at = batch.at(-1)?.seq ?? at;
      if (batch.length > 0) continue;
      if (isOver(this.status)) return;
      await this.changed(at, signal);
    }
  }

  async eventsSoFar(afterSeq = 0, limit = Infinity): Promise<readonly RunEvent[]> {
    const { storage, views } = this.#options;
    const events: RunEvent[] = [];
    for (let at = afterSeq; events.length < limit;) {
      const page = await storage.readEvents(this.id, at, Math.min(PAGE, limit - events.length));
      for (const event of page) events.push(shownEvent(event, views));
      const last = page.at(-1)?.seq;
      if (last === undefined) break;
      at = last;
    }
    return events;
  }

  async changed(afterSeq: number, signal?: AbortSignal): Promise<void> {
    const { storage, clock } = this.#options;
    while (!signal?.aborted) {
      const next = Promise.withResolvers<void>();
      const unlisten = storage.onChange((runId) => runId === this.id && next.resolve());
      const disarm = clock.after(LOOK_AGAIN_MS, next.resolve);
      const onAbort = () => next.resolve();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await this.#refresh();
        if (this.#record.lastSeq > afterSeq || isOver(this.status)) return;
        await next.promise;
      } finally {
        unlisten();
        disarm();
        signal?.removeEventListener("abort", onAbort);
      }
    }
  }

  cancel(): void {
    if (!isOver(this.status)) this.#options.cancel(this.id);
  }

  async #untilOver(): Promise<ExecutionResult> {
    while (!isOver(this.status)) await this.changed(this.#record.lastSeq);
    return resultOfEvents(this.dag, await this.eventsSoFar(), this.summary);
  }

  async #refresh(): Promise<void> {
    const record = await this.#options.storage.getRun(this.id);
    if (record !== undefined) this.#record = record;
  }
}

function graphOf({ runId, spec }: StoredRun): CompiledDag {
  const { dag, diagnostics } = compile(spec);
  if (dag !== undefined) return dag;
  throw new CodedError(
    "WORKFLOW_INVALID",
    `Cannot read the workflow of run "${runId}" as this version does: ${diagnostics[0]?.message}`,
  );
}
