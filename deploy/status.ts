import { findDeployment } from "./find_deployment.ts";
import { listObjects } from "./list_objects.ts";
import { type CronJob, eventTime, type Job, type Pod } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { JOBS, resourceOf, selectorOf } from "./resources.ts";
import { judgeRollout } from "./rollout.ts";
import { look } from "./wait_rollout.ts";

/** How a deployed workflow is. */
export interface WorkflowStatus {
  readonly name: string;
  readonly namespace: string;
  readonly version: string | undefined;
  readonly image: string;
  readonly runtimeClass: string | undefined;
  readonly state: "up" | "starting" | "failed";
  /** What it waits for, or why it failed. */
  readonly message: string;
  readonly fix: string | undefined;
  /** `1/1`: available and wanted pods. */
  readonly available: number;
  readonly wanted: number;
  readonly pods: readonly PodStatus[];
  readonly schedules: readonly ScheduleStatus[];
  readonly events: readonly ShownEvent[];
}

/** One pod that serves, or should. */
export interface PodStatus {
  readonly name: string;
  readonly state: string;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly image: string;
  readonly node: string | undefined;
  readonly createdAt: number;
  /** How the container before this one ended. */
  readonly lastEnd: string | undefined;
}

/** A schedule that the cluster keeps. */
export interface ScheduleStatus {
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly isSuspended: boolean;
  readonly lastScheduledAt: number | undefined;
  readonly lastSucceededAt: number | undefined;
  /** Of the newest Job; undefined without one. */
  readonly lastJob: "running" | "succeeded" | "failed" | undefined;
}

/** What happened in the cluster. */
export interface ShownEvent {
  readonly at: number;
  readonly type: string;
  readonly of: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

const EVENTS = 20;

/**
 * How a workflow is, with its pods, schedules and events.
 *
 * @throws {CodedError} `NOT_DEPLOYED`
 */
export async function readStatus(operation: Operation, name: string): Promise<WorkflowStatus> {
  await findDeployment(operation, name);
  const { namespace } = operation;
  const labels = selectorOf(name);
  const [view, crons, jobs] = await Promise.all([
    look(operation, name),
    listObjects<CronJob>(operation, resourceOf("CronJob"), { namespace, labels }),
    listObjects<Job>(operation, JOBS, { namespace, labels }),
  ]);
  const { deployment, pods, events } = view;
  const rollout = judgeRollout(view);
  const template = deployment.spec.template.spec;
  return {
    name,
    namespace,
    version: deployment.metadata.labels?.["app.kubernetes.io/version"],
    image: template?.containers?.[0]?.image ?? "",
    runtimeClass: template?.runtimeClassName,
    state: ({ done: "up", waiting: "starting", failed: "failed" } as const)[rollout.status],
    message: rollout.message,
    fix: rollout.status === "failed" ? rollout.fix : undefined,
    available: deployment.status?.availableReplicas ?? 0,
    wanted: deployment.spec.replicas ?? 1,
    pods: pods.map(podStatus).toSorted((a, b) => b.createdAt - a.createdAt),
    schedules: crons.map((cron) => scheduleStatus(cron, jobs)),
    events: events.toSorted((a, b) => eventTime(b) - eventTime(a)).slice(0, EVENTS).map((
      event,
    ) => ({
      at: eventTime(event),
      type: event.type ?? "",
      of: `${event.involvedObject.kind ?? ""} ${event.involvedObject.name ?? ""}`.trim(),
      reason: event.reason ?? "",
      message: event.message ?? "",
      count: event.count ?? 1,
    })),
  };
}

function podStatus({ metadata, spec, status }: Pod): PodStatus {
  const [container] = status?.containerStatuses ?? [];
  const { waiting, terminated } = container?.state ?? {};
  const ended = container?.lastState?.terminated ?? terminated;
  return {
    name: metadata.name,
    state: metadata.deletionTimestamp !== undefined
      ? "Terminating"
      : waiting?.reason ?? terminated?.reason ?? status?.phase ?? "Unknown",
    isReady: container?.ready ?? false,
    restarts: container?.restartCount ?? 0,
    image: container?.image ?? "",
    node: spec?.nodeName,
    createdAt: Date.parse(metadata.creationTimestamp ?? "") || 0,
    lastEnd: ended === undefined ? undefined : `${ended.reason ?? "ended"} (${ended.exitCode})`,
  };
}

function scheduleStatus({ metadata, spec, status }: CronJob, jobs: readonly Job[]): ScheduleStatus {
  const [newest] = jobs.filter((job) =>
    job.metadata.ownerReferences?.some(({ kind, name }) =>
      kind === "CronJob" && name === metadata.name
    )
  ).toSorted((a, b) => startOf(b) - startOf(a));
  return {
    name: metadata.name,
    schedule: spec.schedule,
    timeZone: spec.timeZone ?? "",
    isSuspended: spec.suspend ?? false,
    lastScheduledAt: timeOf(status?.lastScheduleTime),
    lastSucceededAt: timeOf(status?.lastSuccessfulTime),
    lastJob: newest === undefined ? undefined : jobState(newest),
  };
}

function jobState({ status }: Job): "running" | "succeeded" | "failed" {
  const has = (type: string) =>
    status?.conditions?.some((one) => one.type === type && one.status === "True");
  return has("Complete") ? "succeeded" : has("Failed") ? "failed" : "running";
}

function startOf({ metadata, status }: Job): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp ?? "") || 0;
}

/** Epoch milliseconds of a time of the API. */
export function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}
