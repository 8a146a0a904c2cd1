import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { FIELD_MANAGER } from "./apply.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";

/** Which pods a namespace refuses. */
export const ENFORCE = "pod-security.kubernetes.io/enforce";

/** Creates the namespace of an operation with the strictest pod security level. One that is there stays as it is. */
export async function createNamespace({ client, namespace, signal }: Operation): Promise<void> {
  try {
    await client.ask({
      method: "POST",
      path: "/api/v1/namespaces",
      query: { fieldManager: FIELD_MANAGER },
      json: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: namespace,
          labels: Object.fromEntries(
            ["enforce", "audit", "warn"].map((mode) => [
              `pod-security.kubernetes.io/${mode}`,
              "restricted",
            ]),
          ),
        },
      },
      timeoutMs: ANSWER_MS,
      signal,
    });
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 409) return;
    throw error;
  }
}
