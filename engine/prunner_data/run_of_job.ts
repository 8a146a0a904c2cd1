import type { RunStatus } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { DEFAULT_CONFIG, FOREVER_MS, type ScriptNodeSpec, type WorkflowSpec } from "../spec/mod.ts";
import type { NewRun } from "../storage/mod.ts";
import type { PersistedJob } from "./persisted_job.ts";

/** A job as a run that is over. */
export interface JobRun {
  readonly run: NewRun;
  readonly status: RunStatus & ("succeeded" | "failed" | "cancelled");
  readonly startedAt: number | undefined;
  readonly completedAt: number;
  /** Of a run that did not succeed. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/**
 * The run that stands for a job. A job that was waiting when prunner ended is cancelled, one that was running has
 * failed as interrupted: neither is begun again.
 */
export async function runOfJob(job: PersistedJob): Promise<JobRun> {
  const createdAt = Date.parse(job.Created);
  const startedAt = job.Start ? Date.parse(job.Start) : undefined;
  const ends = (job.Tasks ?? []).flatMap(({ Start, End }) => [Start, End]);
  const last = Math.max(
    ...[job.Start, ...ends].flatMap((at) => at ? [Date.parse(at)] : []),
    createdAt,
  );
  const { status, error } = outcomeOf(job);
  return {
    run: {
      runId: await idOf(job.ID, createdAt),
      workflow: job.Pipeline,
      version: "1.0",
      workflowKey: `pipelines:${job.Pipeline}`,
      spec: specOf(job),
      input: (job.Variables ?? {}) as JsonObject,
      trigger: {
        type: "prunner",
        job: job.ID.toLowerCase(),
        ...job.User ? { user: job.User } : {},
      },
      createdAt,
      status: startedAt === undefined ? "queued" : "running",
      startAfter: undefined,
      deadlineAt: undefined,
      partition: undefined,
      idempotency: undefined,
    },
    status,
    startedAt,
    completedAt: Math.max(job.End ? Date.parse(job.End) : last, createdAt),
    error,
  };
}

function outcomeOf(job: PersistedJob): Pick<JobRun, "status" | "error"> {
  if (job.Canceled) {
    return {
      status: "cancelled",
      error: { code: "RUN_CANCELLED", message: "Cannot finish the job: it was cancelled" },
    };
  }
  if (!job.Completed) {
    return job.Start
      ? {
        status: "failed",
        error: {
          code: "RUN_INTERRUPTED",
          message: "Cannot finish the job as prunner ended: it was running",
        },
      }
      : {
        status: "cancelled",
        error: {
          code: "RUN_CANCELLED",
          message: "Cannot finish the job as prunner ended: it was waiting",
        },
      };
  }
  const failed = job.Tasks?.find((task) => task.Errored && !task.AllowFailure);
  if (failed === undefined) return { status: "succeeded", error: undefined };
  return {
    status: "failed",
    error: { code: "STEP_FAILED", message: failed.Error ?? `exit status ${failed.ExitCode ?? 1}` },
  };
}

/** A UUIDv7 of the time of the job, the same for the same job: lists sort by it. */
async function idOf(id: string, createdAt: number): Promise<string> {
  const text = new TextEncoder().encode(`prunner ${id.toLowerCase()}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).slice(0, 10);
  const digits = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = Math.max(0, createdAt).toString(16).padStart(12, "0").slice(-12);
  const variant = (8 + (parseInt(digits[3] ?? "0", 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits.slice(0, 3)}-${variant}${
    digits.slice(4, 7)
  }-${digits.slice(8, 20)}`;
}

function specOf(job: PersistedJob): WorkflowSpec {
  const tasks = job.Tasks ?? [];
  const names = new Set(tasks.map(({ Name }) => Name));
  return {
    name: job.Pipeline,
    version: "1.0",
    description: undefined,
    triggers: [{ type: "manual", name: undefined }],
    inputs: {},
    services: {},
    nodes: tasks.map((task): ScriptNodeSpec => ({
      kind: "script",
      id: task.Name,
      description: undefined,
      timeoutMs: FOREVER_MS,
      retry: {
        maxAttempts: 1,
        initialIntervalMs: 100,
        backoff: 2,
        maxIntervalMs: 30_000,
        jitter: true,
      },
      allowFailure: task.AllowFailure ?? false,
      onLost: "fail",
      config: {},
      script: task.Script ?? [],
      env: {},
    })),
    edges: tasks.flatMap(({ Name, DependsOn }) =>
      (DependsOn ?? []).flatMap((from, index) =>
        names.has(from) ? [{ from, to: Name, path: ["nodes", Name, "depends_on", index] }] : []
      )
    ),
    config: { ...DEFAULT_CONFIG, execution: "eager", cron: "engine" },
  };
}
