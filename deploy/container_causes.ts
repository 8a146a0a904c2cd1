import type { ContainerStatus, KubernetesEvent, Pod } from "./objects.ts";
import type { Cause, RolloutPlace } from "./rollout_causes.ts";

/** A container, and where it stands. */
interface ContainerPlace {
  readonly pod: Pod;
  /** Of the pod. */
  readonly events: readonly KubernetesEvent[];
  readonly place: RolloutPlace;
}

/** Why a container of a new pod is not ready: what it waits for, how it ended, or what its probes say. */
export function containerCauses(
  status: ContainerStatus,
  { pod, events, place }: ContainerPlace,
): readonly Cause[] {
  const { reason = "", message = "" } = status.state?.waiting ?? {};
  const { name, namespace } = place;
  const image = place.image === "" ? status.image ?? "" : place.image;
  switch (reason) {
    case "ErrImagePull":
    case "ImagePullBackOff":
    case "ImageInspectError":
    case "RegistryUnavailable":
      return [{
        kind: "image",
        // The first try may hit a moment of bad network; the second one is seconds away.
        isFinal: reason === "ImagePullBackOff",
        message: `its image "${image}" cannot be pulled: ${pullError(message, events)}`,
        fix: `pd build . --push -t ${image}`,
      }];
    case "ErrImageNeverPull":
      return [{
        kind: "image",
        isFinal: true,
        message: `its image "${image}" is not on the node and may not be pulled`,
        fix: `pd build . --push -t ${image}`,
      }];
    case "InvalidImageName":
      return [{
        kind: "image_name",
        isFinal: true,
        message: `"${image}" is no name of an image`,
        fix: `pd deploy . -n ${namespace} --image registry.example.com/${name}:1.0`,
      }];
    case "CreateContainerConfigError":
    case "CreateContainerError":
      return [{
        kind: "container_config",
        isFinal: !/failed to sync|timed out/.test(message),
        message: `its container cannot be made: ${message.replace(/ \(pod: .*/s, "")}`,
        fix: /run as root/.test(message)
          ? `pd build . --push -t ${image}`
          : `kubectl describe pod ${pod.metadata.name} -n ${namespace}`,
      }];
  }
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended?.reason === "StartError" || reason === "RunContainerError") {
    return [{
      kind: "command",
      isFinal: true,
      message: `its program cannot be started: ${startError(ended?.message ?? message)}`,
      fix: `pd build . --push -t ${image}`,
    }];
  }
  if (ended?.reason === "OOMKilled") {
    return [{
      kind: "memory",
      isFinal: true,
      message: "it used more memory than its limit and was killed (OOMKilled)",
      fix: "workflow.yaml: memory: 1GiB at the node that needs it",
      logOf: logOf(pod, status),
    }];
  }
  const killed = events.find(({ reason, message }) =>
    reason === "Killing" && /startup probe|liveness probe/.test(message ?? "")
  );
  if (killed !== undefined) {
    const probe = probeError(events);
    return [{
      kind: "startup",
      isFinal: status.restartCount >= 2,
      message: `it did not start in time: ${probe ?? killed.message}`,
      fix: `pd logs ${name} -n ${namespace} --previous`,
      logOf: logOf(pod, status),
    }];
  }
  if (ended !== undefined) {
    return [{
      kind: "crash",
      isFinal: reason === "CrashLoopBackOff" || status.restartCount >= 2,
      message: `its program ended with exit code ${ended.exitCode}`,
      fix: `pd logs ${name} -n ${namespace} --previous`,
      logOf: logOf(pod, status),
    }];
  }
  if (status.state?.running === undefined || status.ready) return [];
  const probe = probeError(events);
  if (probe === undefined) return [];
  return [{
    kind: "unready",
    isFinal: false,
    message: `it runs and is not ready: ${probe}`,
    fix: `pd logs ${name} -n ${namespace}`,
    logOf: { pod: pod.metadata.name, previous: false },
  }];
}

/** While it runs anew, what it said before is in the log of the one before. */
function logOf(pod: Pod, status: ContainerStatus): NonNullable<Cause["logOf"]> {
  return { pod: pod.metadata.name, previous: status.state?.running !== undefined };
}

function pullError(said: string, events: readonly KubernetesEvent[]): string {
  const pull = events.find(({ message }) => message?.startsWith("Failed to pull image"))?.message;
  const text = said.includes("failed to") ? said : pull ?? said;
  return text
    .replace(/^Back-off pulling image "[^"]*": /, "")
    .replace(/^Failed to pull image "[^"]*": /, "")
    .replace(/^ErrImagePull: /, "")
    .replace(/^rpc error: code = \w+ desc = /, "")
    .replace(/^failed to pull and unpack image "[^"]*": /, "");
}

/** Without the ids of tasks and the runtime's own stages. */
function startError(said: string): string {
  return /creating process: (.*)/s.exec(said)?.[1] ?? /exec: (.*)/s.exec(said)?.[1] ?? said;
}

function probeError(events: readonly KubernetesEvent[]): string | undefined {
  return events.find(({ reason }) => reason === "Unhealthy")?.message;
}
