import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { CappedMap } from "./capped_map.ts";
import { DURATION_BOUNDS_S, Spread } from "./spread.ts";
import { StorageTally } from "./storage_tally.ts";
import { TriggerTally } from "./trigger_tally.ts";
import { typeOfTrigger } from "./trigger_trace.ts";

/** Nodes with figures of their own; those beyond are counted together, so that memory stays bounded. */
const MAX_NODES = 1000;
/** Runs whose start is remembered for the figures of their end. */
const MAX_OPEN_RUNS = 100_000;

/** What runs are told apart by; anything else a trigger calls itself is `other`. */
const TRIGGER_TYPES: ReadonlySet<string> = new Set([
  "manual",
  "http",
  "cron",
  "queue",
  "webhook",
  "workflow",
  "retry",
]);

type RunEnd = "succeeded" | "failed" | "cancelled";

/** Runs of one type of trigger. */
export interface RunFigures {
  started: number;
  readonly ended: { succeeded: number; failed: number; cancelled: number };
}

/** What is counted for one node. */
export interface NodeFigures {
  /** Attempts begun. */
  attempts: number;
  retries: number;
  lost: number;
  readonly ended: { succeeded: number; failed: number; cancelled: number; skipped: number };
  readonly durationS: Spread;
}

/**
 * Plain counters of everything that happened, cheap enough for each event: a projection of the events, with
 * what triggers and the storage tell beside it.
 */
export class RunTally {
  readonly byTrigger: CappedMap<RunFigures> = new CappedMap(TRIGGER_TYPES.size + 2, () => ({
    started: 0,
    ended: { succeeded: 0, failed: 0, cancelled: 0 },
  }));
  readonly nodes: CappedMap<NodeFigures> = new CappedMap(MAX_NODES, () => ({
    attempts: 0,
    retries: 0,
    lost: 0,
    ended: { succeeded: 0, failed: 0, cancelled: 0, skipped: 0 },
    durationS: new Spread(DURATION_BOUNDS_S),
  }));
  readonly runDurationS: Spread = new Spread(DURATION_BOUNDS_S);
  /** Seconds from a run's acceptance to its start, of runs that had to wait. */
  readonly queueWaitS: Spread = new Spread(DURATION_BOUNDS_S);
  readonly logLines: { debug: number; info: number; warn: number; error: number } = {
    debug: 0,
    info: 0,
    warn: 0,
    error: 0,
  };
  resumed = 0;
  readonly triggers: TriggerTally = new TriggerTally();
  readonly storage: StorageTally = new StorageTally();
  /** Of runs that go on: the type of trigger. */
  readonly #open = new Map<string, string>();
  /** Of runs that wait: since when. */
  readonly #queuedAt = new Map<string, number>();
  #describe: (runId: string) => { readonly trigger: JsonValue } | undefined = () => undefined;

  /** Where to ask about runs whose first events another engine has seen. */
  describeBy(describe: (runId: string) => { readonly trigger: JsonValue } | undefined): void {
    this.#describe = describe;
  }

  /** Counts one event. */
  add(event: RunEvent): void {
    switch (event.kind) {
      case "run.queued":
        remember(this.#queuedAt, event.runId, event.at);
        return;
      case "run.started":
        return this.#startRun(event);
      case "run.resumed":
        this.resumed++;
        return;
      case "run.succeeded":
        return this.#endRun(event, "succeeded");
      case "run.failed":
        return this.#endRun(event, "failed");
      case "run.cancelled":
        return this.#endRun(event, "cancelled");
      case "node.started":
        this.nodes.get(event.node).attempts++;
        return;
      case "node.retrying":
        this.nodes.get(event.node).retries++;
        return;
      case "node.lost":
        this.nodes.get(event.node).lost++;
        return;
      case "node.succeeded":
      case "node.failed":
      case "node.cancelled":
        return this.#endNode(event);
      case "node.skipped":
        this.nodes.get(event.node).ended.skipped++;
        return;
      case "log":
        this.logLines[event.level]++;
        return;
    }
  }

  #startRun({ runId, at, trigger }: RunEvent & { readonly kind: "run.started" }): void {
    const label = labelOf(trigger);
    this.byTrigger.get(label).started++;
    remember(this.#open, runId, label);
    if (this.#queuedAt.size === 0) return;
    const queuedAt = this.#queuedAt.get(runId);
    if (queuedAt === undefined) return;
    this.#queuedAt.delete(runId);
    this.queueWaitS.observe((at - queuedAt) / 1000);
  }

  #endRun({ runId, durationMs }: RunEvent & { readonly durationMs: number }, end: RunEnd): void {
    this.byTrigger.get(this.#open.get(runId) ?? this.#lookUp(runId)).ended[end]++;
    this.runDurationS.observe(durationMs / 1000);
    this.#open.delete(runId);
    if (this.#queuedAt.size > 0) this.#queuedAt.delete(runId);
  }

  #endNode(
    event: RunEvent & { readonly kind: "node.succeeded" | "node.failed" | "node.cancelled" },
  ): void {
    const figures = this.nodes.get(event.node);
    figures.durationS.observe(event.durationMs / 1000);
    switch (event.kind) {
      case "node.succeeded":
        figures.ended.succeeded++;
        return;
      case "node.failed":
        figures.ended.failed++;
        return;
      case "node.cancelled":
        figures.ended.cancelled++;
        return;
    }
  }

  #lookUp(runId: string): string {
    const found = this.#describe(runId);
    return found === undefined ? "unknown" : labelOf(found.trigger);
  }
}

function labelOf(trigger: JsonValue): string {
  const type = typeOfTrigger(trigger) ?? "other";
  return TRIGGER_TYPES.has(type) ? type : "other";
}

/** A run that this engine has given up leaves its entry behind: the oldest makes room. */
function remember<T>(map: Map<string, T>, runId: string, value: T): void {
  if (map.size >= MAX_OPEN_RUNS) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(runId, value);
}
