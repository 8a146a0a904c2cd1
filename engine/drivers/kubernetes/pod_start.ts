import { sleep } from "../../clock/mod.ts";
import type { ContainerSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { driverError } from "./driver_errors.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { findPod, type Pod } from "./pods.ts";

/** How a pod has begun. */
export type PodStart =
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly pod: Pod }
  /** Its program is not in the image. */
  | { readonly kind: "no_program"; readonly message: string };

const LIMIT_MS = 300_000;
/** A claim that is being provided for, or a node that is on its way, may help a pod that fits nowhere. */
const UNSCHEDULED_MS = 30_000;
/** What a node says of a mount or a sandbox may pass. */
const COMPLAINT_MS = 15_000;
const EVENTS_EVERY_MS = 3_000;
const MAX_WAIT_MS = 500;

const IMAGE_REASONS = new Set([
  ...["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"],
  ...["RegistryUnavailable", "ImageInspectError"],
]);

/**
 * Waits until a pod runs. Whatever keeps it from that is told as soon as it is known, not after minutes.
 *
 * @throws {DriverError} `IMAGE_UNAVAILABLE`, `TASK_INVALID`, `DRIVER_UNAVAILABLE`
 */
export async function untilStarted(
  context: KubernetesContext,
  spec: ContainerSpec,
  { podName, signal }: { readonly podName: string; readonly signal: AbortSignal },
): Promise<PodStart> {
  const { clock } = context;
  const beganAt = clock.monotonic();
  let complaint: { readonly text: string; readonly atMs: number } | undefined;
  let eventsAt = EVENTS_EVERY_MS;
  for (let waitMs = 25;; waitMs = Math.min(waitMs * 1.5, MAX_WAIT_MS)) {
    signal.throwIfAborted();
    const pod = await findPod(context, podName, signal).catch((error) => {
      signal.throwIfAborted();
      throw driverError(error);
    });
    if (pod === undefined) throw failed(spec, "DRIVER_UNAVAILABLE", "somebody removed its pod");
    const start = startOf(pod, spec);
    if (start !== undefined) return start;
    const elapsedMs = clock.monotonic() - beganAt;
    const unscheduled = unscheduledOf(pod);
    if (unscheduled !== undefined && elapsedMs > UNSCHEDULED_MS) throw misfit(spec, unscheduled);
    if (unscheduled === undefined && elapsedMs > eventsAt) {
      eventsAt = elapsedMs + EVENTS_EVERY_MS;
      const text = await complaintOf(context, podName);
      complaint = text === undefined ? undefined : complaint ?? { text, atMs: elapsedMs };
      if (complaint !== undefined && elapsedMs > complaint.atMs + COMPLAINT_MS) {
        throw failed(spec, "TASK_INVALID", `its node cannot start the pod: ${complaint.text}`);
      }
    }
    if (elapsedMs > LIMIT_MS) {
      throw failed(
        spec,
        "DRIVER_UNAVAILABLE",
        `its pod does not start in ${LIMIT_MS / 1000} s: ${pod.status?.phase ?? "no phase"}`,
      );
    }
    await sleep(waitMs, clock, signal);
  }
}

/** How it has begun; undefined while it has not. */
export function startOf(pod: Pod, spec: ContainerSpec): PodStart | undefined {
  const { status = {} } = pod;
  const state = status.containerStatuses?.[0]?.state ?? {};
  const { waiting, terminated } = state;
  if (terminated !== undefined) {
    return terminated.reason === "StartError" || terminated.reason === "ContainerCannotRun"
      ? startError(spec, terminated.message ?? "")
      : { kind: "ended", pod };
  }
  if (state.running !== undefined) return { kind: "running" };
  const said = waiting?.message ?? waiting?.reason ?? "";
  if (IMAGE_REASONS.has(waiting?.reason ?? "")) {
    throw new DriverError(
      "IMAGE_UNAVAILABLE",
      `Cannot run "${spec.name}" as its node cannot have image "${spec.image}": ${said}`,
      {
        fix: waiting?.reason === "ErrImageNeverPull"
          ? "pull: missing"
          : "Check the image's name, or give the service account an imagePullSecret",
      },
    );
  }
  if (waiting?.reason === "RunContainerError") return startError(spec, said);
  if (/^CreateContainer(Config)?Error$/.test(waiting?.reason ?? "")) {
    if (/no such file|not found in \$PATH|no command specified/i.test(said)) {
      return startError(spec, said);
    }
    throw failed(
      spec,
      "TASK_INVALID",
      `its container cannot be made: ${said}`,
      /runAsNonRoot|non-root|non-numeric/.test(said)
        ? 'user: "65534:65534", or k8s://?run_as=65534:65534'
        : undefined,
    );
  }
  if (status.phase === "Failed") {
    throw failed(
      spec,
      "DRIVER_UNAVAILABLE",
      `its pod was ended: ${status.message ?? status.reason ?? "for no reason that is told"}`,
    );
  }
  return undefined;
}

function startError(spec: ContainerSpec, message: string): PodStart {
  if (/no such file|executable file not found|no command specified/i.test(message)) {
    return { kind: "no_program", message };
  }
  throw failed(spec, "TASK_INVALID", `its program cannot be started: ${message}`);
}

function unscheduledOf({ status }: Pod): string | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status !== "False") return undefined;
  return scheduled.message ?? scheduled.reason ?? "no reason is told";
}

function misfit(spec: ContainerSpec, said: string): DriverError {
  const fix = /PersistentVolumeClaim/i.test(said)
    ? "kubectl get storageclass, and k8s://?storage_class=…"
    : /Insufficient/.test(said)
    ? "Smaller limits, or a larger node"
    : "kubectl describe nodes";
  return failed(spec, "TASK_INVALID", `no node takes its pod: ${said}`, fix);
}

/** What a node says that keeps a pod from starting without a word in its status. */
async function complaintOf(
  context: KubernetesContext,
  podName: string,
): Promise<string | undefined> {
  const { client, namespace } = context;
  const { items } = await client.ask<
    { items: readonly { readonly reason?: string; readonly message?: string }[] }
  >({
    method: "GET",
    path: `/api/v1/namespaces/${namespace}/events`,
    query: { fieldSelector: `involvedObject.name=${podName},type=Warning` },
    // Without the right to list events a pod is only judged by its status.
  }).catch(() => ({ items: [] }));
  const complaints = items.filter(({ reason }) =>
    /^Failed(CreatePodSandBox|Mount|AttachVolume|MapVolume)$/.test(reason ?? "")
  );
  return complaints.at(-1)?.message;
}

function failed(
  spec: ContainerSpec,
  code: "TASK_INVALID" | "DRIVER_UNAVAILABLE",
  why: string,
  fix = "kubectl get events --sort-by=.lastTimestamp",
): DriverError {
  return new DriverError(code, `Cannot run "${spec.name}" as ${why}`, { fix });
}
