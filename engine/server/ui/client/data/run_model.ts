import type { NodeStatus, Problem, RunDetails, RunEvent, RunNode, RunStatus } from "./api_types.ts";
import { lineOf, LogLines } from "./log_lines.ts";

/** One try of a node. */
export interface Attempt {
  readonly attempt: number;
  readonly startedAt: number;
  /** null while it goes on. */
  readonly completedAt: number | null;
  readonly outcome: "running" | "succeeded" | "failed" | "cancelled" | "lost";
}

/** A run as the page knows it: what the server told at first, and the events since. Listeners look at it anew. */
export class RunModel {
  readonly #attempts = new Map<string, Attempt[]>();
  readonly #logs = new Map<string, LogLines>();
  readonly #all = new LogLines();
  #details: RunDetails;
  #lastSeq = 0;

  constructor(details: RunDetails) {
    this.#details = details;
  }

  /** The run with its nodes as they stand. */
  get details(): RunDetails {
    return this.#details;
  }

  /** Of the newest event that was taken. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Tries of a node, the first one first. */
  attemptsOf(node: string): readonly Attempt[] {
    return this.#attempts.get(node) ?? [];
  }

  /** What a node wrote; of all nodes without one. */
  logOf(node: string | undefined): LogLines {
    return node === undefined ? this.#all : this.#logs.get(node) ?? EMPTY;
  }

  /** Takes what the server says of the run now, unless events say more. */
  update(details: RunDetails): void {
    if (details.lastSeq < this.#lastSeq && !isOver(details.status)) {
      const { criticalPath, outputs, input, queuePosition } = details;
      this.#details = { ...this.#details, criticalPath, outputs, input, queuePosition };
    } else this.#details = details;
  }

  /** Takes an event. Gives whether it changed more than a log. */
  take(event: RunEvent): boolean {
    if (event.seq <= this.#lastSeq) return false;
    this.#lastSeq = event.seq;
    const line = lineOf(event);
    if (line !== undefined) {
      this.#all.add(line);
      const own = this.#logs.get(line.node) ?? new LogLines();
      this.#logs.set(line.node, own);
      own.add(line);
      return false;
    }
    this.#noteAttempt(event);
    if (event.seq > this.#details.lastSeq) this.#change(event);
    return true;
  }

  #noteAttempt({ kind, node, at, attempt = 1 }: RunEvent): void {
    if (node === undefined) return;
    const tries = this.#attempts.get(node) ?? [];
    this.#attempts.set(node, tries);
    if (kind === "node.started") {
      tries.push({ attempt, startedAt: at, completedAt: null, outcome: "running" });
      return;
    }
    const outcome = OUTCOMES[kind];
    const last = tries.at(-1);
    if (outcome === undefined || last === undefined || last.completedAt !== null) return;
    tries[tries.length - 1] = { ...last, completedAt: at, outcome };
  }

  #change(event: RunEvent): void {
    const { kind, at, node, error } = event;
    if (node !== undefined) {
      const nodes = this.#details.nodes.map((one) => one.id === node ? changed(one, event) : one);
      this.#details = { ...this.#details, nodes };
      return;
    }
    const status = RUN_STATUS[kind];
    if (status === undefined) return;
    const startedAt = this.#details.startedAt ?? (status === "queued" ? null : at);
    const hasEnded = isOver(status);
    this.#details = {
      ...this.#details,
      status,
      startedAt,
      queuePosition: status === "queued" ? this.#details.queuePosition : null,
      completedAt: hasEnded ? at : null,
      durationMs: startedAt === null ? 0 : at - startedAt,
      problem: hasEnded ? problemOf(error) : this.#details.problem,
    };
  }
}

const EMPTY = new LogLines();

const OUTCOMES: { readonly [kind: string]: Attempt["outcome"] } = {
  "node.retrying": "failed",
  "node.failed": "failed",
  "node.succeeded": "succeeded",
  "node.cancelled": "cancelled",
  "node.lost": "lost",
};

const RUN_STATUS: { readonly [kind: string]: RunStatus } = {
  "run.queued": "queued",
  "run.started": "running",
  "run.resumed": "running",
  "run.succeeded": "succeeded",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

const NODE_STATUS: { readonly [kind: string]: NodeStatus } = {
  "node.started": "running",
  "node.succeeded": "succeeded",
  "node.failed": "failed",
  "node.cancelled": "cancelled",
  "node.skipped": "skipped",
};

/** Whether nothing more happens to a run. */
export function isOver(status: RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

function changed(node: RunNode, { kind, at, attempt, durationMs, error }: RunEvent): RunNode {
  const status = NODE_STATUS[kind] ?? node.status;
  const hasEnded = durationMs !== undefined;
  return {
    ...node,
    status,
    attempts: kind === "node.started" ? attempt ?? node.attempts : node.attempts,
    startedAt: kind === "node.started" ? node.startedAt ?? at : node.startedAt,
    completedAt: hasEnded ? at : node.completedAt,
    durationMs: hasEnded ? durationMs : node.durationMs,
    problem: problemOf(error) ?? node.problem,
  };
}

function problemOf(error: Problem | undefined): Problem | null {
  return error === undefined ? null : { ...error, fix: error.fix ?? null };
}
