import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";

/** Which part of a container's log. */
export interface PodLogQuery {
  readonly container?: string;
  readonly tail?: number;
  readonly previous?: boolean;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
}

/** The log of a pod; `undefined` while there is none: not scheduled, not started, or no container before. */
export async function openPodLog(
  { client, namespace, signal }: Operation,
  pod: string,
  query: PodLogQuery,
): Promise<ReadableStream<Uint8Array> | undefined> {
  try {
    const response = await client.open({
      method: "GET",
      path: `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
      query: {
        container: query.container ?? "engine",
        tailLines: query.tail === undefined ? undefined : `${query.tail}`,
        previous: query.previous ? "true" : undefined,
        follow: query.follow ? "true" : undefined,
        timestamps: query.timestamps ? "true" : undefined,
        sinceSeconds: query.sinceSeconds === undefined ? undefined : `${query.sinceSeconds}`,
        sinceTime: query.sinceTime,
      },
      timeoutMs: ANSWER_MS,
      signal,
    });
    return response.body ?? undefined;
  } catch (error) {
    // 400: the container waits to start, or never ran before; 404: the pod has just gone.
    if (error instanceof KubernetesError && (error.status === 400 || error.status === 404)) {
      return undefined;
    }
    throw error;
  }
}

/** The last lines of a pod's log; none when there is none. */
export async function lastLines(
  operation: Operation,
  pod: string,
  query: PodLogQuery & { readonly tail: number },
): Promise<readonly string[]> {
  const body = await openPodLog(operation, pod, query);
  if (body === undefined) return [];
  return (await new Response(body).text()).split("\n").filter((line) => line.trim() !== "");
}
