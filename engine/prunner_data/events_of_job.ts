import type { RunEventBody } from "../executor/mod.ts";
import type { PersistedJob, PersistedTask } from "./persisted_job.ts";
import type { JobRun } from "./run_of_job.ts";

/** An event without its place in the stream. */
export type TimedEvent = RunEventBody & { readonly at: number };

/** Lines of one task, oldest first. */
export type ReadLines = (task: string) => AsyncIterable<TimedLine>;

/** Part of what a task wrote. */
export interface TimedLine {
  readonly stream: "stdout" | "stderr";
  readonly message: string;
  /** No newline follows. */
  readonly partial: boolean;
}

interface Step {
  readonly at: number;
  readonly task: PersistedTask;
  readonly does: "start" | "end" | "skip";
}

/**
 * What happened to a job, as events in the order of their times: always the same ones for the same data. The lines
 * of a task stand before its end, with the time of it, as prunner keeps none for them.
 */
export async function* eventsOfJob(
  job: PersistedJob,
  jobRun: JobRun,
  readLines: ReadLines,
): AsyncGenerator<TimedEvent> {
  const { run, status, startedAt, completedAt, error } = jobRun;
  yield { kind: "run.queued", at: run.createdAt };
  if (startedAt !== undefined) {
    const { workflow, version, input, trigger } = run;
    yield { kind: "run.started", workflow, version, input, trigger, at: startedAt };
  }
  for (const { at, task, does } of stepsOf(job, jobRun)) {
    const node = task.Name;
    if (does === "skip") yield { kind: "node.skipped", node, at };
    else if (does === "start") yield { kind: "node.started", node, attempt: 1, at };
    else {
      for await (const { stream, message, partial } of readLines(node)) {
        yield {
          kind: "log",
          node,
          attempt: 1,
          level: stream === "stdout" ? "info" : "warn",
          message,
          fields: partial ? { stream, partial } : { stream },
          at,
        };
      }
      yield { ...endOf(task, at), at };
    }
  }
  const durationMs = Math.max(0, completedAt - (startedAt ?? run.createdAt));
  yield status === "succeeded" ? { kind: "run.succeeded", durationMs, at: completedAt } : {
    kind: status === "failed" ? "run.failed" : "run.cancelled",
    durationMs,
    error: error ?? { code: "INTERNAL", message: "it failed" },
    at: completedAt,
  };
}

function stepsOf(job: PersistedJob, { completedAt }: JobRun): readonly Step[] {
  const steps: Step[] = [];
  for (const task of job.Tasks ?? []) {
    if (!task.Start || task.Skipped) {
      steps.push({ at: completedAt, task, does: "skip" });
      continue;
    }
    const start = Date.parse(task.Start);
    // Failed tasks have no end in some versions.
    const end = Math.max(start, task.End ? Date.parse(task.End) : completedAt);
    steps.push({ at: start, task, does: "start" }, { at: end, task, does: "end" });
  }
  // The sort keeps the order of equals: start before end of one task, and tasks as they depend on each other.
  return steps.sort((a, b) => a.at - b.at);
}

function endOf(task: PersistedTask, end: number): RunEventBody {
  const node = task.Name;
  const durationMs = Math.max(0, end - Date.parse(task.Start ?? ""));
  const isCancelled = task.Status === "canceled" || (!task.Errored && !isDone(task));
  if (isCancelled) return { kind: "node.cancelled", node, attempt: 1, durationMs };
  if (!task.Errored) return { kind: "node.succeeded", node, attempt: 1, durationMs, output: null };
  const exitCode = Math.min(255, Math.max(1, task.ExitCode ?? 1));
  return {
    kind: "node.failed",
    node,
    attempt: 1,
    durationMs,
    error: { code: "STEP_FAILED", message: task.Error ?? `exit status ${exitCode}`, exitCode },
    allowed: task.AllowFailure ?? false,
  };
}

function isDone({ Status }: PersistedTask): boolean {
  return Status === "done" || Status === "error";
}
