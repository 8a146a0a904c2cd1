import { eventTime, type KubernetesEvent, type Pod } from "./objects.ts";
import { containerCauses } from "./container_causes.ts";
import { refusalCause } from "./refusal_cause.ts";
import type { RolloutView } from "./rollout.ts";

/** Why a new pod does not come up. */
export type CauseKind =
  | "image"
  | "image_name"
  | "command"
  | "crash"
  | "memory"
  | "container_config"
  | "quota"
  | "pod_security"
  | "runtime_class"
  | "service_account"
  | "refused"
  | "unschedulable"
  | "secret"
  | "volume"
  | "sandbox"
  | "startup"
  | "unready"
  | "deadline";

/** One reason, the most telling first. */
export interface Cause {
  readonly kind: CauseKind;
  /** Waiting does not cure it. */
  readonly isFinal: boolean;
  /** Since when, in epoch milliseconds, for what may cure itself. */
  readonly sinceMs?: number;
  readonly message: string;
  readonly fix: string;
  readonly logOf?: { readonly pod: string; readonly previous: boolean };
}

/** Whose rollout it is, for what can be pasted. */
export interface RolloutPlace {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
}

/** All reasons that are known, of the pods of one ReplicaSet: those of older ones say nothing about it. */
export function findCauses(view: RolloutView, replicaSet: string | undefined): readonly Cause[] {
  if (replicaSet === undefined) return [];
  const { deployment, events } = view;
  const place: RolloutPlace = {
    name: deployment.metadata.name,
    namespace: deployment.metadata.namespace ?? "default",
    image: deployment.spec.template.spec?.containers?.[0]?.image ?? "",
  };
  const failure = deployment.status?.conditions?.find(({ type, status }) =>
    type === "ReplicaFailure" && status === "True"
  );
  const refused = failure?.message?.includes(`"${replicaSet}-`) ? failure.message : undefined;
  const pods = view.pods.filter(({ metadata }) =>
    metadata.deletionTimestamp === undefined &&
    (metadata.ownerReferences?.some(({ name }) => name === replicaSet) ??
      metadata.name.startsWith(`${replicaSet}-`))
  );
  return [
    ...refused === undefined ? [] : [refusalCause(refused, place)],
    ...pods.flatMap((pod) => podCauses(pod, events, place)),
  ].sort((a, b) => Number(b.isFinal) - Number(a.isFinal));
}

function podCauses(
  pod: Pod,
  events: readonly KubernetesEvent[],
  place: RolloutPlace,
): readonly Cause[] {
  const own = events.filter(({ involvedObject }) => involvedObject.name === pod.metadata.name);
  return [
    ...scheduleCauses(pod),
    ...startCauses(pod, own, place),
    ...(pod.status?.containerStatuses ?? []).flatMap((status) =>
      containerCauses(status, { pod, events: own, place })
    ),
  ];
}

function scheduleCauses(pod: Pod): readonly Cause[] {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.reason !== "Unschedulable") return [];
  const said = (scheduled.message ?? "").replace(/ no new claims to deallocate,.*/s, "");
  return [{
    kind: "unschedulable",
    isFinal: false,
    sinceMs: Date.parse(scheduled.lastTransitionTime ?? pod.metadata.creationTimestamp ?? ""),
    message: `no node has room for its pod: ${said}`,
    fix: "kubectl describe nodes",
  }];
}

/** What keeps a pod from starting is in its events alone: it says only ContainerCreating. */
function startCauses(
  pod: Pod,
  events: readonly KubernetesEvent[],
  { name, namespace }: RolloutPlace,
): readonly Cause[] {
  const isCreating = pod.status?.containerStatuses?.some(({ state }) =>
    state?.waiting?.reason === "ContainerCreating"
  );
  if (!isCreating) return [];
  const newest = events.toSorted((a, b) => eventTime(b) - eventTime(a));
  return newest.flatMap((event): Cause[] => {
    const { message = "", reason } = event;
    const sinceMs = Date.parse(event.firstTimestamp ?? event.eventTime ?? "") || eventTime(event);
    if (reason === "FailedCreatePodSandBox") {
      const handler = /no runtime for "([^"]+)" is configured/.exec(message)?.[1];
      return handler === undefined
        ? [{
          kind: "sandbox",
          isFinal: false,
          sinceMs,
          message: `the node cannot make its sandbox: ${message}`,
          fix: `kubectl describe pod ${pod.metadata.name} -n ${namespace}`,
        }]
        : [{
          kind: "runtime_class",
          isFinal: true,
          message: `the node has no handler "${handler}" for its RuntimeClass`,
          fix: `pd deploy . -n ${namespace} --runtime-class ""`,
        }];
    }
    if (reason !== "FailedMount") return [];
    const secret = /secret "([^"]+)" not found/.exec(message)?.[1];
    return [{
      kind: secret === undefined ? "volume" : "secret",
      isFinal: false,
      sinceMs,
      message: secret === undefined
        ? `a volume cannot be mounted: ${message}`
        : `its secret "${secret}" is missing`,
      fix: secret === undefined
        ? `kubectl describe pod ${pod.metadata.name} -n ${namespace}`
        : secret === `${name}-secrets`
        ? `pd deploy . -n ${namespace} --secrets .secrets`
        : `kubectl create secret generic ${secret} -n ${namespace}`,
    }];
  });
}
