import { sleep } from "../engine/clock/mod.ts";
import { CodedError } from "../engine/errors/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { findDeployment } from "./find_deployment.ts";
import type { Pod } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { lastLines } from "./pod_log.ts";
import type { DeployedRun, RunDeployed } from "./run_deployed.ts";

/** What calls the engine. */
export interface PodOptions extends RunDeployed {
  /** An image with curl. */
  readonly image: string;
  /** Its pod could not be removed. */
  onLeft?(message: string): void;
}

const LOOK_MS = 500;
const START_MS = 120_000;
/** Before the status that curl prints after the answer. */
const MARK = "pd-status:";
/** An argument of a program has at most 128 KiB. */
const MOST_INPUT_BYTES = 100_000;

/**
 * Runs a deployed workflow from a pod of its own, for clusters whose API server is not let through to pods. The
 * pod is removed in any case, and ends itself should nobody remove it.
 *
 * @throws {CodedError} `WORKFLOW_UNREACHABLE` with what curl or the cluster said
 */
export async function runByPod(
  operation: Operation,
  name: string,
  options: PodOptions,
): Promise<DeployedRun> {
  const { client, namespace, clock } = operation;
  const { spec } = await findDeployment(operation, name);
  const pod = `${name.slice(0, 40)}-run-${crypto.randomUUID().slice(0, 8)}`;
  const body = podOf(operation, name, {
    ...options,
    pod,
    runtimeClass: spec.template.spec?.runtimeClassName,
  });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await client.ask({ method: "POST", path, json: body, timeoutMs: ANSWER_MS }).catch((error) => {
    if (!(error instanceof KubernetesError) || error.code !== "KUBERNETES_REFUSED") throw error;
    throw unreachable(name, namespace, `the cluster refuses its pod: ${error.said}`);
  });
  try {
    const deadline = clock.monotonic() + START_MS;
    for (;;) {
      operation.signal?.throwIfAborted();
      const { status } = await client.ask<Pod>({
        method: "GET",
        path: `${path}/${pod}`,
        timeoutMs: ANSWER_MS,
        signal: operation.signal,
      });
      if (status?.phase === "Succeeded" || status?.phase === "Failed") break;
      const stuck = whyStuck(status, clock.monotonic() >= deadline);
      if (stuck !== undefined) throw unreachable(name, namespace, stuck);
      await sleep(LOOK_MS, clock, operation.signal);
    }
    const lines = await lastLines(operation, pod, { container: "curl", tail: 100_000 });
    const text = lines.join("\n");
    const at = text.lastIndexOf(MARK);
    const status = at < 0 ? 0 : Number(text.slice(at + MARK.length).trim());
    const answer = at < 0 ? text : text.slice(0, at);
    if (status === 0) throw unreachable(name, namespace, answer.trim() || "curl said nothing");
    return { status, body: readBody(answer) };
  } finally {
    await client.ask({
      method: "DELETE",
      path: `${path}/${pod}`,
      query: { gracePeriodSeconds: "0" },
      timeoutMs: ANSWER_MS,
    }).catch((error) => {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.status === 404) return;
      options.onLeft?.(
        `the pod "${pod}" could not be removed: kubectl delete pod ${pod} -n ${namespace}`,
      );
    });
  }
}

/** Why a pod will not start any more, or has not in time; undefined when it runs or still may. */
function whyStuck(status: Pod["status"], isLate: boolean): string | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  const isHopeless = /ImagePullBackOff|ErrImageNeverPull|InvalidImageName|CreateContainer/.test(
    waiting?.reason ?? "",
  );
  if (!isHopeless && !(isLate && status?.phase === "Pending")) return undefined;
  const unscheduled = status?.conditions?.find(({ type, status }) =>
    type === "PodScheduled" && status === "False"
  );
  const { reason, message } = waiting ?? unscheduled ?? {};
  const said = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
  return said === "" ? `its pod did not start in ${START_MS / 1000} s` : said;
}

function podOf(
  { namespace }: Operation,
  name: string,
  { pod, image, runtimeClass, input, timeoutMs }: PodOptions & {
    readonly pod: string;
    readonly runtimeClass: string | undefined;
  },
) {
  const data = JSON.stringify(input);
  if (new TextEncoder().encode(data).length > MOST_INPUT_BYTES) {
    throw new CodedError(
      "INPUT_INVALID",
      `Cannot run "${name}" by a pod as its input is at most 100 KB: it is larger`,
      { fix: `pd run --deployed ${name} --input @file.json` },
    );
  }
  const seconds = timeoutMs === undefined ? undefined : Math.max(1, Math.ceil(timeoutMs / 1000));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod,
      namespace,
      labels: {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/managed-by": "pipedreamer",
        "app.kubernetes.io/part-of": "pipedreamer",
        // Let in by the NetworkPolicy as the schedules are.
        "app.kubernetes.io/component": "cron",
      },
    },
    spec: {
      ...runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass },
      restartPolicy: "Never",
      activeDeadlineSeconds: (seconds ?? 86_400) + START_MS / 1000,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        runAsGroup: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [{
        name: "curl",
        image,
        command: [
          "curl",
          "-sS",
          ...seconds === undefined ? [] : ["--max-time", `${seconds}`],
          "-X",
          "POST",
          "-H",
          "content-type: application/json",
          "-w",
          `\n${MARK}%{http_code}`,
          "-d",
          data,
          `http://${name}.${namespace}.svc:8080/run`,
          // The kubelet reads $(NAME) as a variable, and $$ as one dollar.
        ].map((word) => word.replaceAll("$", "$$$$")),
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
        resources: {
          requests: { cpu: "10m", memory: "32Mi" },
          limits: { cpu: "200m", memory: "128Mi" },
        },
      }],
    },
  };
}

function readBody(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

function unreachable(name: string, namespace: string, state: string): CodedError {
  return new CodedError(
    "WORKFLOW_UNREACHABLE",
    `Cannot run "${name}" by a pod as that must reach it: ${state}`,
    { fix: `pd status ${name} --detail -n ${namespace}` },
  );
}
