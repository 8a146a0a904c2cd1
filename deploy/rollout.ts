import type { Condition, Deployment, KubernetesEvent, Pod } from "./objects.ts";
import { type Cause, type CauseKind, findCauses } from "./rollout_causes.ts";

/** What is known of a rollout at one moment. */
export interface RolloutView {
  readonly deployment: Deployment;
  /** Of the Deployment, old and new. */
  readonly pods: readonly Pod[];
  /** Of the Deployment, its ReplicaSets and its pods. */
  readonly events: readonly KubernetesEvent[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How far a rollout is. */
export type RolloutState =
  | { readonly status: "waiting"; readonly message: string }
  | { readonly status: "done"; readonly message: string }
  | RolloutFailed;

/** A rollout that waiting does not cure. */
export interface RolloutFailed {
  readonly status: "failed";
  readonly reason: CauseKind;
  readonly message: string;
  readonly fix: string;
  /** Whose last lines say more. */
  readonly logOf?: { readonly pod: string; readonly previous: boolean };
}

/** What has a cure that comes by itself gets so long: a node that joins, a volume that is late. */
const PATIENCE_MS = 15_000;

/**
 * Whether a rollout waits, is done, or has failed: kubectl's own rule (`rollout status`, v1.36), and early
 * reasons that it only finds out at the deadline. The old pods serve on in any case.
 */
export function judgeRollout(view: RolloutView): RolloutState {
  const { deployment } = view;
  const { generation = 0, name } = deployment.metadata;
  const { status = {}, spec } = deployment;
  // A status that is not of this generation looks like done, or like failed.
  if (generation > (status.observedGeneration ?? 0)) {
    return { status: "waiting", message: "the cluster has not seen the change yet" };
  }
  const wanted = spec.replicas ?? 1;
  const updated = status.updatedReplicas ?? 0;
  const all = status.replicas ?? 0;
  const available = status.availableReplicas ?? 0;
  const isExceeded = progressing(deployment)?.reason === "ProgressDeadlineExceeded";
  if (!isExceeded && updated >= wanted && all <= updated && available >= updated) {
    return { status: "done", message: `${available} of ${wanted} pods available` };
  }
  const causes = findCauses(view, newReplicaSet(deployment));
  const found =
    causes.find(({ isFinal, sinceMs }) =>
      isFinal || sinceMs !== undefined && view.now - sinceMs >= PATIENCE_MS
    ) ?? (isExceeded ? causes[0] ?? noProgress(deployment) : undefined);
  if (found !== undefined) return failed(found);
  if (updated < wanted) {
    return { status: "waiting", message: `${updated} of ${wanted} new pods of "${name}" made` };
  }
  if (all > updated) {
    return {
      status: "waiting",
      message: `${all - updated} old pods to end, ${available} available`,
    };
  }
  return { status: "waiting", message: `${available} of ${updated} new pods available` };
}

/** Why a rollout that was not waited for any longer has not come up. */
export function explainWaiting(view: RolloutView): RolloutFailed {
  return failed(
    findCauses(view, newReplicaSet(view.deployment))[0] ?? noProgress(view.deployment),
  );
}

/** The ReplicaSet that a rollout brings up, as the Deployment words it; undefined before there is one. */
export function newReplicaSet(deployment: Deployment): string | undefined {
  return /replica ?set "([^"]+)"/i.exec(progressing(deployment)?.message ?? "")?.[1];
}

function progressing({ status }: Deployment): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === "Progressing");
}

function failed({ kind, message, fix, logOf }: Cause): RolloutFailed {
  return {
    status: "failed",
    reason: kind,
    message,
    fix,
    ...logOf === undefined ? {} : { logOf },
  };
}

function noProgress({ metadata: { name, namespace = "default" }, spec }: Deployment): Cause {
  const limit = spec.progressDeadlineSeconds;
  return {
    kind: "deadline",
    isFinal: true,
    message: `its new pod made no progress${limit === undefined ? "" : ` in ${limit} s`}`,
    fix: `pd status ${name} --detail -n ${namespace}`,
  };
}
