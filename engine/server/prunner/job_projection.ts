import type { CompiledDag } from "../../compiler/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import type { Run } from "../../workflow/mod.ts";
import { type Job, type Task, type TaskStatus, wholeSeconds } from "./job.ts";

/** Where a task stands. Times are epoch milliseconds. */
interface TaskState {
  readonly name: string;
  readonly dependsOn: readonly string[];
  status: TaskStatus;
  startedAt: number | undefined;
  endedAt: number | undefined;
  exitCode: number;
  error: string | undefined;
}

/** What a job's tasks are, however far it is. */
interface TaskShape {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

const NO_EXIT_CODE = -1;
const SHAPES = new WeakMap<CompiledDag, readonly TaskShape[]>();

/** A run's events as a job. It takes each event once, so that whoever asks again pays for what is new alone. */
export class JobProjection {
  /** The run's, or the one that prunner gave it. */
  readonly id: string;
  readonly #dag: CompiledDag;
  readonly #pipeline: string;
  readonly #createdAt: number;
  readonly #user: string;
  readonly #variables: JsonValue | undefined;
  readonly #tasks: Map<string, TaskState>;
  #lastSeq = 0;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #end: "succeeded" | "failed" | "cancelled" | undefined;
  #lastError: string | undefined;

  constructor(run: Run, pipeline: string) {
    const { trigger, createdAt } = run.summary;
    const { id, dag, input } = run;
    this.id = jobOf(trigger) ?? id;
    this.#dag = dag;
    this.#pipeline = pipeline;
    this.#createdAt = createdAt;
    this.#user = textOf(trigger, "user");
    this.#variables = isEmpty(input) ? undefined : input;
    this.#tasks = new Map(shapesOf(dag).map((shape) => [shape.name, waiting(shape)]));
  }

  /** Number of the last event that it knows. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Takes what happened; events that it knows already are left out. */
  apply(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.seq <= this.#lastSeq) continue;
      this.#lastSeq = event.seq;
      if ("node" in event) this.#applyToTask(event);
      else this.#applyToJob(event);
    }
  }

  /** The job as it is now. */
  toJob(): Job {
    return {
      id: this.id,
      pipeline: this.#pipeline,
      tasks: [...this.#tasks.values()].map(toTask),
      completed: this.#end !== undefined,
      canceled: this.#end === "cancelled",
      errored: this.#end === "failed",
      created: wholeSeconds(this.#createdAt),
      ...this.#startedAt === undefined ? {} : { start: wholeSeconds(this.#startedAt) },
      ...this.#endedAt === undefined ? {} : { end: wholeSeconds(this.#endedAt) },
      ...this.#lastError === undefined ? {} : { lastError: this.#lastError },
      ...this.#variables === undefined ? {} : { variables: this.#variables },
      user: this.#user,
    };
  }

  /** The job as it is now, in JSON. */
  toText(): string {
    return JSON.stringify(this.toJob());
  }

  #applyToJob(event: RunEvent): void {
    switch (event.kind) {
      case "run.started":
        this.#startedAt ??= event.at;
        return;
      case "run.succeeded":
        return this.#endAs("succeeded", event.at);
      case "run.failed":
        this.#lastError = event.error.message;
        return this.#endAs("failed", event.at);
      case "run.cancelled":
        // Somebody's cancel is no error.
        if (event.error.code !== "RUN_CANCELLED") this.#lastError = event.error.message;
        return this.#endAs("cancelled", event.at);
      default:
        return;
    }
  }

  #endAs(end: "succeeded" | "failed" | "cancelled", at: number): void {
    this.#end = end;
    this.#endedAt = at;
    // Of a job that never began, all of it was cancelled.
    const left = this.#startedAt === undefined && end === "cancelled" ? "canceled" : "skipped";
    for (const task of this.#tasks.values()) if (task.status === "waiting") task.status = left;
  }

  #applyToTask(event: RunEvent & { readonly node: string }): void {
    const { kind, node, at } = event;
    if (kind === "log" || kind === "task.completed") return;
    const task = this.#taskOf(node);
    if (task === undefined) return;
    switch (kind) {
      case "node.started":
        task.status = "running";
        task.startedAt ??= at;
        return;
      case "node.succeeded":
        task.status = "done";
        task.startedAt ??= at - event.durationMs;
        task.endedAt = at;
        return;
      case "node.failed": {
        const { error, allowed } = event;
        task.status = allowed ? "done" : "error";
        task.startedAt ??= at - event.durationMs;
        task.endedAt = at;
        task.exitCode = error.exitCode ?? NO_EXIT_CODE;
        task.error = allowed ? undefined : error.message;
        return;
      }
      case "node.cancelled":
        task.status = "canceled";
        task.endedAt = at;
        task.exitCode = NO_EXIT_CODE;
        return;
      case "node.skipped":
        // What follows a failure alone is no task of a job that was cancelled before it.
        if (node === this.#dag.onError?.id) this.#tasks.delete(node);
        else task.status = "skipped";
        return;
      default:
        return;
    }
  }

  /** What follows a failed run becomes a task when it begins, behind all others. */
  #taskOf(name: string): TaskState | undefined {
    const known = this.#tasks.get(name);
    if (known !== undefined || name !== this.#dag.onError?.id) return known;
    const task = waiting({ name, dependsOn: [] });
    this.#tasks.set(name, task);
    return task;
  }
}

/** In topological order, then by name; what a task depends on in the order of the file. */
function shapesOf(dag: CompiledDag): readonly TaskShape[] {
  const known = SHAPES.get(dag);
  if (known !== undefined) return known;
  const dependsOn = Map.groupBy(dag.spec.edges, ({ to }) => to);
  const shapes = dag.nodes.map(({ id: name }) => ({
    name,
    dependsOn: [...new Set(dependsOn.get(name)?.map(({ from }) => from))],
  }));
  SHAPES.set(dag, shapes);
  return shapes;
}

function waiting({ name, dependsOn }: TaskShape): TaskState {
  return {
    name,
    dependsOn,
    status: "waiting",
    startedAt: undefined,
    endedAt: undefined,
    exitCode: 0,
    error: undefined,
  };
}

function toTask(state: TaskState): Task {
  const { name, dependsOn, status, startedAt, endedAt, exitCode, error } = state;
  return {
    name,
    ...dependsOn.length === 0 ? {} : { dependsOn },
    status,
    ...startedAt === undefined ? {} : { start: wholeSeconds(startedAt) },
    ...endedAt === undefined ? {} : { end: wholeSeconds(endedAt) },
    skipped: status === "skipped",
    exitCode,
    errored: status === "error",
    ...error === undefined ? {} : { error },
  };
}

/** A job that was taken over from prunner is known to its clients by the id of that time. */
function jobOf(trigger: JsonValue): string | undefined {
  return textOf(trigger, "type") === "prunner" ? textOf(trigger, "job") || undefined : undefined;
}

function textOf(trigger: JsonValue, key: "type" | "job" | "user"): string {
  if (typeof trigger !== "object" || trigger === null || Array.isArray(trigger)) return "";
  const text = (trigger as JsonObject)[key];
  return typeof text === "string" ? text : "";
}

function isEmpty(input: JsonValue): boolean {
  return typeof input !== "object" || input === null || Array.isArray(input) ||
    Object.keys(input).length === 0;
}
