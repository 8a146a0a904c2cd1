import type { KubernetesObject } from "./objects.ts";

/** A kind of object, and where the API keeps it. */
export interface Resource {
  readonly kind: string;
  /** `""` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** What a workflow is made of, in the order in which it is applied: what pods need comes before them. */
export const RESOURCES: readonly Resource[] = [
  { kind: "ServiceAccount", group: "", version: "v1", plural: "serviceaccounts" },
  { kind: "Secret", group: "", version: "v1", plural: "secrets" },
  { kind: "NetworkPolicy", group: "networking.k8s.io", version: "v1", plural: "networkpolicies" },
  { kind: "Service", group: "", version: "v1", plural: "services" },
  { kind: "Deployment", group: "apps", version: "v1", plural: "deployments" },
  { kind: "CronJob", group: "batch", version: "v1", plural: "cronjobs" },
  { kind: "Ingress", group: "networking.k8s.io", version: "v1", plural: "ingresses" },
];

/** What a workflow may do, on its Deployment: the next deploy tells what changed. */
export const RIGHTS_ANNOTATION = "pipedreamer.dev/rights";

/** Jobs are made by CronJobs. */
export const JOBS: Resource = { kind: "Job", group: "batch", version: "v1", plural: "jobs" };

/** The resource of a kind that workflows are made of. */
export function resourceOf(kind: string): Resource {
  const found = [...RESOURCES, JOBS].find((one) => one.kind === kind);
  if (found === undefined) throw new TypeError(`No workflow has a ${kind}`);
  return found;
}

/** Where the API keeps a kind of object, or one of them. */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string): string {
  const { group, version, plural } = resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const within = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${within}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

/** Such as `Deployment hello`. */
export function shown(object: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${object.kind ?? "object"} ${object.metadata.name}`;
}

/** Selects what belongs to a workflow; to all of them without a name. */
export function selectorOf(name?: string): string {
  const managed = "app.kubernetes.io/managed-by=pipedreamer";
  return name === undefined ? managed : `app.kubernetes.io/name=${name},${managed}`;
}

/** Selects the pods that serve a workflow, not those that its schedules start. */
export function engineSelector(name: string): string {
  return `${selectorOf(name)},app.kubernetes.io/component=engine`;
}
