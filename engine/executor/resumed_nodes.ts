import { type CompiledDag, everyNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ErrorRecord, RunEvent } from "./events.ts";
import type { TaskRecord } from "./task_record.ts";

/** When a node of a run that is taken up again first began, and what it has used up. */
interface Begun {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Attempts begun so far, lost ones included. */
  readonly attempts: number;
}

/** A node that is done: it does not run again. */
export interface FinishedNode extends Begun {
  /** Epoch milliseconds. */
  readonly completedAt: number;
}

/** A node that began and is not done. */
export interface UnfinishedNode extends Begun {
  readonly status: "unfinished";
  /** Attempts that were lost with their host, and those that were lost with the engine. */
  readonly losses: number;
  readonly engineLosses: number;
  /** Failures after which it was to be tried again. */
  readonly failures: number;
  /** Tasks of it that are done, in order: of two of one id the later counts. */
  readonly tasks?: readonly TaskRecord[];
  /** What comes next: it ran, its attempt was lost, or it waited to be tried again. */
  readonly next:
    | { readonly kind: "running" }
    | { readonly kind: "lost"; readonly error: ErrorRecord; readonly engine: boolean }
    | { readonly kind: "waiting"; readonly delayMs: number };
}

/** Where one node stands; `undefined` where it never began. */
export type ResumedNode =
  | FinishedNode & {
    readonly status: "succeeded";
    readonly output: JsonValue;
    /** Why the output cannot be had any more: whatever depends on it fails with this. */
    readonly missing?: ErrorRecord;
  }
  | FinishedNode & {
    readonly status: "failed";
    readonly error: ErrorRecord;
    /** The run went on without it. */
    readonly allowed: boolean;
  }
  | FinishedNode & { readonly status: "cancelled" }
  | { readonly status: "skipped" }
  | UnfinishedNode;

/** Where a run stands that somebody else began. */
export interface ResumedNodes {
  /** When it first started. Epoch milliseconds. */
  readonly startedAt: number;
  /** By position in `graph.nodes`; behind them what follows a failed run, where there is such a node. */
  readonly nodes: readonly (ResumedNode | undefined)[];
  /** Why the run's own input cannot be had any more: every root fails with this. */
  readonly missingInput?: ErrorRecord;
}

/**
 * Where a run stands after `events`: what an executor needs to go on with it. `undefined` when it never
 * started, so that it begins like any other. Nodes that `graph` does not have are left out.
 */
export function resumeFrom(
  graph: CompiledDag,
  events: Iterable<RunEvent>,
): ResumedNodes | undefined {
  const all = everyNode(graph);
  const places = new Map(all.map(({ id, index }) => [id, index]));
  const nodes: (ResumedNode | undefined)[] = all.map(() => undefined);
  let startedAt: number | undefined;
  for (const event of events) {
    if (event.kind === "run.started") startedAt ??= event.at;
    if (!("node" in event)) continue;
    const index = places.get(event.node);
    if (index !== undefined) nodes[index] = after(nodes[index], event);
  }
  return startedAt === undefined ? undefined : { startedAt, nodes };
}

/** Where a node stands after one more event of its own. */
function after(
  node: ResumedNode | undefined,
  event: RunEvent & { readonly node: string },
): ResumedNode | undefined {
  const begun = node?.status === "unfinished" ? node : newlyBegun(event.at);
  switch (event.kind) {
    case "node.started":
      return { ...begun, attempts: event.attempt, next: { kind: "running" } };
    case "node.lost": {
      const engine = event.engine === true;
      return {
        ...begun,
        losses: begun.losses + (engine ? 0 : 1),
        engineLosses: begun.engineLosses + (engine ? 1 : 0),
        next: { kind: "lost", error: event.error, engine },
      };
    }
    case "node.retrying":
      return {
        ...begun,
        failures: begun.failures + 1,
        next: { kind: "waiting", delayMs: event.delayMs },
      };
    case "task.completed":
      return withTask(begun, event);
    case "node.succeeded":
      return { status: "succeeded", output: event.output, ...finished(begun, event) };
    case "node.failed": {
      const { error, allowed } = event;
      return { status: "failed", error, allowed, ...finished(begun, event) };
    }
    case "node.cancelled":
      return { status: "cancelled", ...finished(begun, event) };
    case "node.skipped":
      return { status: "skipped" };
    default:
      return node;
  }
}

/** Adds to the list that is there: a node may have thousands of tasks. */
function withTask(begun: UnfinishedNode, event: RunEvent & TaskRecord): UnfinishedNode {
  const { task, fingerprint, name, code, durationMs, answer } = event;
  const tasks = (begun.tasks ?? []) as TaskRecord[];
  tasks.push({ task, fingerprint, name, code, durationMs, answer });
  return { ...begun, tasks };
}

function newlyBegun(at: number): UnfinishedNode {
  return {
    status: "unfinished",
    startedAt: at,
    attempts: 0,
    losses: 0,
    engineLosses: 0,
    failures: 0,
    next: { kind: "running" },
  };
}

function finished(
  { startedAt }: UnfinishedNode,
  event: { readonly at: number; readonly attempt: number },
): FinishedNode {
  return { startedAt, completedAt: event.at, attempts: event.attempt };
}
