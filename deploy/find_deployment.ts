import { CodedError } from "../engine/errors/mod.ts";
import { KubernetesError } from "../engine/kubernetes/mod.ts";
import type { Deployment } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { pathOf, resourceOf } from "./resources.ts";

/**
 * The Deployment of a workflow.
 *
 * @throws {CodedError} `NOT_DEPLOYED` when there is none, or somebody else's
 */
export async function findDeployment(operation: Operation, name: string): Promise<Deployment> {
  const found = await getDeployment(operation, name);
  if (found !== undefined) return found;
  throw notDeployed(name, operation.namespace, "there is none of that name");
}

/**
 * The same, `undefined` when there is none.
 *
 * @throws {CodedError} `NOT_DEPLOYED` when it is somebody else's
 */
export async function getDeployment(
  { client, namespace, signal }: Operation,
  name: string,
): Promise<Deployment | undefined> {
  let deployment: Deployment;
  try {
    deployment = await client.ask({
      method: "GET",
      path: pathOf(resourceOf("Deployment"), namespace, name),
      timeoutMs: ANSWER_MS,
      signal,
    });
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }
  if (deployment.metadata.labels?.["app.kubernetes.io/managed-by"] === "pipedreamer") {
    return deployment;
  }
  throw notDeployed(name, namespace, "the Deployment of that name is not pd's");
}

/** Nothing of this name is in the namespace. */
export function notDeployed(name: string, namespace: string, state: string): CodedError {
  return new CodedError(
    "NOT_DEPLOYED",
    `Cannot find "${name}" in the namespace "${namespace}" as pd deploy would have put it: ${state}`,
    { fix: `pd list --all-namespaces` },
  );
}
