import { isOurs } from "./is_ours.ts";
import { listObjects } from "./list_objects.ts";
import type { CronJob, Job } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { remove, type Removed, removeIfAllowed, removeIngress, type TellLeft } from "./prune.ts";
import { JOBS, resourceOf, selectorOf } from "./resources.ts";
import { getDeployment, notDeployed } from "./find_deployment.ts";
import { withProgress } from "./with_progress.ts";

/** Who is told meanwhile. */
export interface UndeployOptions {
  onRemoved?(removed: Removed): void;
  /** What could not be removed, for want of a right. */
  readonly onLeft?: TellLeft;
}

/**
 * What a workflow has in the cluster by name, what is called first. While its Deployment is there, all that has its
 * name is its own, so that goes near the end: what is left after an error is found again. The policy outlives the pods.
 */
const BY_NAME: readonly (readonly [kind: string, name: (workflow: string) => string])[] = [
  ["Service", (name) => name],
  ["Secret", (name) => `${name}-secrets`],
  ["ServiceAccount", (name) => name],
  ["Deployment", (name) => name],
  ["NetworkPolicy", (name) => name],
];
/**
 * Removes everything of a workflow, in the background what hangs on it. Doing it again finishes what was left.
 *
 * @throws {CodedError} `NOT_DEPLOYED`
 */
export async function undeploy(
  operation: Operation,
  name: string,
  options: UndeployOptions = {},
): Promise<readonly Removed[]> {
  const removed: Removed[] = [];
  try {
    await removeAll(operation, name, { ...options, removed });
  } catch (error) {
    const names = removed.map(({ kind, name }) => `${kind} ${name}`).join(", ");
    throw withProgress(error, names === "" ? "nothing was removed" : `removed before it: ${names}`);
  }
  if (removed.length === 0) throw notDeployed(name, operation.namespace, "nothing is there");
  return removed;
}

async function removeAll(
  operation: Operation,
  name: string,
  { onRemoved, onLeft, removed }: UndeployOptions & { readonly removed: Removed[] },
): Promise<void> {
  const crons = await listObjects<CronJob>(operation, resourceOf("CronJob"), {
    namespace: operation.namespace,
    labels: selectorOf(name),
  });
  const isDeployed = await getDeployment(operation, name) !== undefined;
  const note = (kind: string, name: string) => {
    removed.push({ kind, name });
    onRemoved?.({ kind, name });
  };
  for (const { metadata } of crons) {
    if (await remove(operation, "CronJob", metadata.name)) note("CronJob", metadata.name);
  }
  // Jobs of these CronJobs go with them; those that somebody started by hand have no owner.
  const jobs = await listObjects<Job>(operation, JOBS, {
    namespace: operation.namespace,
    labels: selectorOf(name),
  });
  for (const { metadata } of jobs) {
    if (metadata.ownerReferences?.some(({ kind }) => kind === "CronJob")) continue;
    const job = { kind: "Job", name: metadata.name };
    if (await removeIfAllowed(operation, job, { onLeft })) note("Job", metadata.name);
  }
  if (await removeIngress(operation, name, { onLeft })) note("Ingress", name);
  for (const [kind, nameOf] of BY_NAME) {
    const own = { kind, name: nameOf(name) };
    if (!isDeployed && !(await isOurs(operation, { ...own, workflow: name }, onLeft))) continue;
    if (await remove(operation, kind, nameOf(name))) note(kind, nameOf(name));
  }
}
