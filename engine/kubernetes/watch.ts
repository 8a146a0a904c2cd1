import type { ApiClient } from "./client.ts";
import { KubernetesError } from "./kubernetes_error.ts";

/** One line of a watch. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: T;
}

/**
 * What changes from a resource version on, until the server ends the watch or the signal aborts. A version that
 * is too old is `KUBERNETES_REFUSED` with status 410: list again.
 */
export async function* watch<T>(
  client: ApiClient,
  request: {
    readonly path: string;
    readonly query?: { readonly [name: string]: string | undefined };
    readonly signal?: AbortSignal;
  },
): AsyncGenerator<WatchEvent<T>> {
  const response = await client.open({
    method: "GET",
    path: request.path,
    query: { ...request.query, watch: "1" },
    signal: request.signal,
  });
  if (response.body === null) return;
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      const event = JSON.parse(line);
      if (event.type !== "ERROR") {
        yield event;
        continue;
      }
      const { code, reason, message } = event.object;
      throw new KubernetesError(
        "KUBERNETES_REFUSED",
        `Cannot watch "${request.path}" as the cluster ends it: ${message}`,
        { status: code, reason, said: message },
      );
    }
  }
}
