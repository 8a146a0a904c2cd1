import { CodedError } from "../engine/errors/mod.ts";
import { applyAll } from "./apply.ts";
import { findDeployment } from "./find_deployment.ts";
import { listObjects } from "./list_objects.ts";
import type { Deployment, KubernetesObject, PodTemplate, ReplicaSet } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { engineSelector, RIGHTS_ANNOTATION } from "./resources.ts";

/** One version of a workflow that the cluster still keeps. */
export interface DeployedVersion {
  /** Counts up with each change of the pods. */
  readonly revision: number;
  readonly version: string | undefined;
  readonly image: string;
  readonly createdAt: number;
  readonly isCurrent: boolean;
  readonly ready: number;
}

const REVISION = "deployment.kubernetes.io/revision";
const VERSION = "app.kubernetes.io/version";
const REPLICA_SETS = { kind: "ReplicaSet", group: "apps", version: "v1", plural: "replicasets" };

/** The versions of a workflow, newest first. */
export async function listVersions(
  operation: Operation,
  name: string,
): Promise<readonly DeployedVersion[]> {
  const { current, sets } = await find(operation, name);
  return sets.map((set) => shownVersion(set, current));
}

/**
 * Applies the pods of an older version: its image and its settings. Secrets and schedules stay as they are.
 *
 * @param to a revision or a version; when undefined the one that still serves, else the one before the current one
 * @throws {CodedError} `NOT_DEPLOYED`, `NOT_FOUND` when there is no such version
 */
export async function rollBack(
  operation: Operation,
  name: string,
  { to, force }: { readonly to: string | undefined; readonly force: boolean },
): Promise<DeployedVersion> {
  const { deployment, current, sets } = await find(operation, name);
  const versions = sets.map((set) => ({ set, shown: shownVersion(set, current) }));
  const found = to === undefined
    // After a deploy that failed twice the one before never worked: the one that serves did.
    ? versions.find(({ shown }) => shown.revision < current && shown.ready > 0) ??
      versions.find(({ shown }) => shown.revision < current)
    : versions.find(({ shown }) => `${shown.revision}` === to) ??
      versions.find(({ shown }) => shown.version === to && !shown.isCurrent) ??
      versions.find(({ shown }) => shown.version === to);
  if (found === undefined) {
    const kept = versions.map(({ shown }) => shown.revision).join(", ");
    throw new CodedError(
      "NOT_FOUND",
      to === undefined
        ? `Cannot roll "${name}" back as an older version must be kept: there is none`
        : `Cannot roll "${name}" back to "${to}" as it must be kept: the cluster has ${kept}`,
      { fix: `pd versions ${name} -n ${operation.namespace}` },
    );
  }
  if (found.shown.isCurrent) {
    throw new CodedError(
      "NOT_FOUND",
      `Cannot roll "${name}" back to "${to}" as it is another version: it runs already`,
      { fix: `pd versions ${name} -n ${operation.namespace}` },
    );
  }
  try {
    await applyAll(operation, [withTemplate(deployment, found.set.spec.template)], { force });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "APPLY_CONFLICT") throw error;
    throw new CodedError(error.code, error.message, {
      fix: `pd rollback ${name} --to ${found.shown.revision} -n ${operation.namespace} --force`,
      cause: error,
    });
  }
  return found.shown;
}

async function find(operation: Operation, name: string) {
  const deployment = await findDeployment(operation, name);
  const found = await listObjects<ReplicaSet>(operation, REPLICA_SETS, {
    namespace: operation.namespace,
    labels: engineSelector(name),
  });
  const sets = found.filter(({ metadata }) =>
    metadata.ownerReferences?.some((owner) => owner.kind === "Deployment" && owner.name === name)
  ).toSorted((a, b) => revisionOf(b) - revisionOf(a));
  return { deployment, sets, current: revisionOf(deployment) };
}

function revisionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function shownVersion(set: ReplicaSet, current: number): DeployedVersion {
  const { metadata, spec: { template }, status } = set;
  return {
    revision: revisionOf(set),
    version: template.metadata?.labels?.[VERSION],
    image: template.spec?.containers?.[0]?.image ?? "",
    createdAt: Date.parse(metadata.creationTimestamp ?? "") || 0,
    isCurrent: revisionOf(set) === current,
    ready: status?.readyReplicas ?? 0,
  };
}

/** The whole Deployment again: what an apply leaves out would be taken away. */
function withTemplate(deployment: Deployment, template: PodTemplate): KubernetesObject {
  const { metadata, spec } = deployment;
  const { "pod-template-hash": _, ...labels } = template.metadata?.labels ?? {};
  const version = labels[VERSION];
  // The rights that are written there are those of the version that goes.
  const { [REVISION]: __, [RIGHTS_ANNOTATION]: ___, ...annotations } = metadata.annotations ?? {};
  const content = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: metadata.name,
      ...metadata.namespace === undefined ? {} : { namespace: metadata.namespace },
      labels: { ...metadata.labels, ...version === undefined ? {} : { [VERSION]: version } },
      ...Object.keys(annotations).length === 0 ? {} : { annotations },
    },
    spec: {
      ...spec,
      template: { ...template, metadata: { ...bare(template.metadata), labels } },
    },
  };
  return content;
}

/** The API server answers `creationTimestamp: null` in templates, which is no timestamp to apply. */
function bare(metadata: PodTemplate["metadata"]) {
  const { annotations } = metadata ?? {};
  return annotations === undefined ? {} : { annotations };
}
