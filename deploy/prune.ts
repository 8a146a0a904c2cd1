import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { isOurs } from "./is_ours.ts";
import { listObjects } from "./list_objects.ts";
import type { CronJob, KubernetesObject } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { pathOf, resourceOf, selectorOf } from "./resources.ts";

/** What is told of an object that may still be there. */
export type TellLeft = (message: string) => void;

/** An object that was removed. */
export interface Removed {
  readonly kind: string;
  readonly name: string;
}

/**
 * Removes what a workflow no longer has: CronJobs by its label, and its Ingress. A Secret stays, as one without
 * local secrets may be made by somebody else.
 */
export async function prune(
  operation: Operation,
  name: string,
  { keep, dryRun = false, onLeft }: {
    readonly keep: readonly KubernetesObject[];
    readonly dryRun?: boolean;
    /** There is no right to remove it. */
    readonly onLeft?: TellLeft | undefined;
  },
): Promise<readonly Removed[]> {
  const { namespace } = operation;
  const isKept = (kind: string, name: string) =>
    keep.some((one) => one.kind === kind && one.metadata.name === name);
  const found = await listObjects<CronJob>(operation, resourceOf("CronJob"), {
    namespace,
    labels: selectorOf(name),
  });
  const removed: Removed[] = [];
  for (const { metadata } of found) {
    if (isKept("CronJob", metadata.name)) continue;
    if (dryRun || await remove(operation, "CronJob", metadata.name)) {
      removed.push({ kind: "CronJob", name: metadata.name });
    }
  }
  const options = { dryRun, onLeft };
  if (!isKept("Ingress", name) && await removeIngress(operation, name, options)) {
    removed.push({ kind: "Ingress", name });
  }
  return removed;
}

/**
 * Removes an object, in the background what hangs on it. False when there was none.
 *
 * @throws {KubernetesError}
 */
export async function remove(
  { client, namespace, signal }: Operation,
  kind: string,
  name: string,
  dryRun = false,
): Promise<boolean> {
  try {
    const response = await client.open({
      method: "DELETE",
      path: pathOf(resourceOf(kind), namespace, name),
      query: { propagationPolicy: "Background", dryRun: dryRun ? "All" : undefined },
      timeoutMs: ANSWER_MS,
      signal,
    });
    // The answer may be the object itself.
    await response.body?.cancel();
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return false;
    throw error;
  }
}

/** Removes the Ingress of a workflow. One that others made for it stays, whatever its name. */
export async function removeIngress(
  operation: Operation,
  name: string,
  options: { readonly dryRun?: boolean; readonly onLeft?: TellLeft | undefined },
): Promise<boolean> {
  const ingress = { kind: "Ingress", name };
  return await isOurs(operation, { ...ingress, workflow: name }, options.onLeft) &&
    await removeIfAllowed(operation, ingress, options);
}

/** The same for what a workflow seldom has: without the right to it the rest goes on, and that is told. */
export async function removeIfAllowed(
  operation: Operation,
  { kind, name }: Removed,
  { dryRun = false, onLeft }: { readonly dryRun?: boolean; readonly onLeft?: TellLeft | undefined },
): Promise<boolean> {
  try {
    return await remove(operation, kind, name, dryRun);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 403) throw error;
    const { group, plural } = resourceOf(kind);
    const resource = group === "" ? plural : `${plural}.${group}`;
    onLeft?.(
      `${kind} ${name} is still there, as the right to delete ${resource} is missing: ` +
        `kubectl delete ${resource} ${name} -n ${operation.namespace} --ignore-not-found`,
    );
    return false;
  }
}
