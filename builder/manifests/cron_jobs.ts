import type { CronTriggerSpec, WorkflowSpec } from "../../engine/spec/mod.ts";
import { cronSchedule, timeZone } from "./cron_schedule.ts";
import type { Container, CronJobManifest, Metadata } from "./manifest.ts";
import { cronJobName, podLabels } from "./names.ts";
import { LOCKED, podIdentity } from "./pod_parts.ts";
import { ownImageCommand } from "./own_image_command.ts";
import { PORT } from "./service.ts";

/** What CronJobs depend on besides their workflow. */
export interface CronJobParts {
  readonly metadata: Metadata;
  /** The workflow's own, for `cron_image: self`. */
  readonly image: string;
  /** `""` for none. */
  readonly runtimeClass: string;
}

/** Calls the engine when `config.cron_image` says nothing else. */
export const CURL_IMAGE =
  "docker.io/curlimages/curl:8.16.0@sha256:463eaf6072688fe96ac64fa623fe73e1dbe25d8ad6c34404a669ad3ce1f104b6";

const POLICIES = { forbid: "Forbid", allow: "Allow", replace: "Replace" } as const;
/** A tick that the cluster was late for is made up for within this time. */
const USUAL_DEADLINE_SECONDS = 120;
const HISTORY = 3;
const DAY_SECONDS = 86_400;
const SHORTEST_CALL_SECONDS = 280;
/** Between the end of the call and that of its Job. */
const MARGIN_SECONDS = 20;

/** The triggers that the cluster keeps: none when the engine itself keeps them. */
export function clusterCrons({ triggers, config }: WorkflowSpec): readonly CronTriggerSpec[] {
  return config.cron === "engine" ? [] : triggers.filter((trigger) => trigger.type === "cron");
}

/** A CronJob for each of them, which does no more than POST to the engine. */
export function cronJobs(spec: WorkflowSpec, parts: CronJobParts): readonly CronJobManifest[] {
  const triggers = clusterCrons(spec);
  return triggers.map((trigger, index) => {
    const name = cronJobName(spec.name, index, triggers.length);
    return cronJob(spec, trigger, { ...parts, metadata: { ...parts.metadata, name } });
  });
}

function cronJob(
  spec: WorkflowSpec,
  trigger: CronTriggerSpec,
  { metadata, image, runtimeClass }: CronJobParts,
): CronJobManifest {
  const callSeconds = longestCallSeconds(spec);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata,
    spec: {
      schedule: cronSchedule(trigger),
      timeZone: timeZone(trigger),
      concurrencyPolicy: POLICIES[trigger.overlap],
      startingDeadlineSeconds: deadlineSeconds(trigger),
      successfulJobsHistoryLimit: HISTORY,
      failedJobsHistoryLimit: HISTORY,
      jobTemplate: {
        metadata: { labels: metadata.labels },
        spec: {
          // A failed run is a failed run: no second POST.
          backoffLimit: 0,
          activeDeadlineSeconds: callSeconds + MARGIN_SECONDS,
          ttlSecondsAfterFinished: DAY_SECONDS,
          template: {
            metadata: { labels: podLabels(spec.name, "cron") },
            spec: {
              ...(runtimeClass === "" ? {} : { runtimeClassName: runtimeClass }),
              restartPolicy: "Never",
              serviceAccountName: spec.name,
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              terminationGracePeriodSeconds: 5,
              securityContext: podIdentity({ fsGroup: false }),
              containers: [caller(spec, { trigger, image, callSeconds })],
            },
          },
        },
      },
    },
  };
}

function caller(
  spec: WorkflowSpec,
  { trigger, image, callSeconds }: {
    readonly trigger: CronTriggerSpec;
    readonly image: string;
    readonly callSeconds: number;
  },
): Container {
  const body = JSON.stringify(trigger.name === undefined ? {} : { trigger: trigger.name });
  // Relative to the pod's namespace, and to whatever domain the cluster has.
  const host = `${spec.name}:${PORT}`;
  const url = `http://${host}/run`;
  const wanted = spec.config.values["cron_image"];
  const isOwn = wanted === "self";
  const command = isOwn ? ownImageCommand({ host, url, body, seconds: callSeconds }) : [
    ...["curl", "-sS", "--fail-with-body", "--max-time", `${callSeconds}`, "-X", "POST"],
    ...["-H", "content-type: application/json", "-d", body, url],
  ];
  return {
    name: "trigger",
    image: isOwn ? image : typeof wanted === "string" ? wanted : CURL_IMAGE,
    imagePullPolicy: "IfNotPresent",
    // The kubelet reads $(NAME) as a variable, and $$ as one dollar.
    command: command.map((word) => word.replaceAll("$", "$$$$")),
    securityContext: LOCKED,
    resources: {
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "200m", memory: "128Mi" },
    },
  };
}

function deadlineSeconds({ catchUp, catchUpWindowMs }: CronTriggerSpec): number {
  if (catchUp === "none") return USUAL_DEADLINE_SECONDS;
  return Math.max(USUAL_DEADLINE_SECONDS, Math.ceil(catchUpWindowMs / 1000));
}

/** No run takes longer: every node one after another, each with all of its attempts and waits. */
function longestCallSeconds({ nodes }: WorkflowSpec): number {
  const ms = nodes.reduce((sum, { timeoutMs, retry }) => {
    const waits = (retry.maxAttempts - 1) * retry.maxIntervalMs;
    return sum + retry.maxAttempts * timeoutMs + waits;
  }, 0);
  return Math.min(DAY_SECONDS, Math.max(SHORTEST_CALL_SECONDS, Math.ceil(ms / 1000)));
}
