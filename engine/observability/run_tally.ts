import type { RunEvent } from "../executor/mod.ts";

/** Upper ends of the histogram's buckets, in seconds. */
export const BUCKETS_S: readonly number[] = [
  0.001,
  0.005,
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  5,
  10,
  30,
  60,
  300,
];

/** Nodes with figures of their own; those beyond are counted together, so that memory stays bounded. */
const MAX_NODES = 1000;
const OTHER_NODES = "(other)";

/** How durations are spread. `counts[i]` holds those up to `BUCKETS_S[i]`, the last one all beyond. */
export interface Spread {
  readonly counts: number[];
  sumS: number;
  total: number;
}

/** What is counted for one node. */
export interface NodeTally {
  /** Attempts begun. */
  attempts: number;
  retries: number;
  lost: number;
  readonly ended: { succeeded: number; failed: number; cancelled: number; skipped: number };
  readonly duration: Spread;
}

/** Plain counters of everything that happened: a projection of the events, cheap enough for each one. */
export class RunTally {
  readonly runs: { succeeded: number; failed: number; cancelled: number } = {
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  };
  started = 0;
  readonly runDuration: Spread = emptySpread();
  readonly nodes: Map<string, NodeTally> = new Map();

  /** Counts one event. */
  add(event: RunEvent): void {
    switch (event.kind) {
      case "run.started":
        this.started++;
        return;
      case "run.succeeded":
        this.runs.succeeded++;
        observe(this.runDuration, event.durationMs);
        return;
      case "run.failed":
        this.runs.failed++;
        observe(this.runDuration, event.durationMs);
        return;
      case "run.cancelled":
        this.runs.cancelled++;
        observe(this.runDuration, event.durationMs);
        return;
      case "node.started":
        this.#node(event.node).attempts++;
        return;
      case "node.retrying":
        this.#node(event.node).retries++;
        return;
      case "node.lost":
        this.#node(event.node).lost++;
        return;
      case "node.succeeded":
        this.#end(event.node, "succeeded", event.durationMs);
        return;
      case "node.failed":
        this.#end(event.node, "failed", event.durationMs);
        return;
      case "node.cancelled":
        this.#end(event.node, "cancelled", event.durationMs);
        return;
      case "node.skipped":
        this.#node(event.node).ended.skipped++;
        return;
      case "log":
      case "run.queued":
      case "run.resumed":
        return;
    }
  }

  #end(node: string, status: "succeeded" | "failed" | "cancelled", durationMs: number): void {
    const tally = this.#node(node);
    tally.ended[status]++;
    observe(tally.duration, durationMs);
  }

  #node(id: string): NodeTally {
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    if (this.nodes.size >= MAX_NODES && id !== OTHER_NODES) return this.#node(OTHER_NODES);
    const fresh: NodeTally = {
      attempts: 0,
      retries: 0,
      lost: 0,
      ended: { succeeded: 0, failed: 0, cancelled: 0, skipped: 0 },
      duration: emptySpread(),
    };
    this.nodes.set(id, fresh);
    return fresh;
  }
}

function emptySpread(): Spread {
  return { counts: new Array(BUCKETS_S.length + 1).fill(0), sumS: 0, total: 0 };
}

function observe(spread: Spread, durationMs: number): void {
  const seconds = durationMs / 1000;
  let bucket = 0;
  while (seconds > (BUCKETS_S[bucket] ?? Infinity)) bucket++;
  spread.counts[bucket] = (spread.counts[bucket] ?? 0) + 1;
  spread.sumS += seconds;
  spread.total++;
}
