import { KubernetesError } from "../engine/kubernetes/mod.ts";
import type { KubernetesObject } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { pathOf, resourceOf, selectorOf } from "./resources.ts";

/** An object of a workflow, by its kind and name. */
export interface Place {
  readonly kind: string;
  readonly name: string;
  /** Whose it would be. */
  readonly workflow: string;
}

const METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

/** Whether `pd` made an object: others may have one of that name. Who may not look leaves it alone, and that is told. */
export async function isOurs(
  { client, namespace, signal }: Operation,
  { kind, name, workflow }: Place,
  onLeft: ((message: string) => void) | undefined,
): Promise<boolean> {
  const resource = resourceOf(kind);
  try {
    const { metadata } = await client.ask<KubernetesObject>({
      method: "GET",
      path: pathOf(resource, namespace, name),
      accept: METADATA,
      timeoutMs: ANSWER_MS,
      signal,
    });
    return metadata.labels?.["app.kubernetes.io/managed-by"] === "pipedreamer";
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.status === 404) return false;
    if (error.status !== 403) throw error;
    onLeft?.(
      `${kind} ${name} is left alone, if there is one, as whose it is cannot be seen without the right to get it: ` +
        `kubectl delete ${resource.plural} -n ${namespace} -l ${selectorOf(workflow)}`,
    );
    return false;
  }
}
