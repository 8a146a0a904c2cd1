import { ApiClient, findCluster } from "../engine/kubernetes/mod.ts";
import type { Clock } from "../engine/clock/mod.ts";

/** What every operation on a cluster works with. */
export interface Operation {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly clock: Clock;
  /** Aborts what is on the way. */
  readonly signal?: AbortSignal | undefined;
}

/** Which cluster. */
export interface ConnectOptions {
  /** The current one of the kubeconfig when undefined. */
  readonly context?: string | undefined;
  /** Absolute; by the environment when undefined. */
  readonly kubeconfig?: string | undefined;
  /** That of the context when undefined. */
  readonly namespace?: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Shorter than ten seconds, so that whoever asks an unreachable cluster knows it in that time. */
export const ANSWER_MS = 8_000;

/** Finds a cluster. Nothing is asked of it yet. Dispose the client. */
export async function connect(options: ConnectOptions): Promise<Operation> {
  const { context, kubeconfig, clock, signal } = options;
  const cluster = await findCluster({
    context,
    env: (name) =>
      name === "KUBECONFIG" && kubeconfig !== undefined ? kubeconfig : options.env(name),
    now: () => clock.now(),
  });
  return {
    client: new ApiClient(cluster),
    namespace: options.namespace ?? cluster.namespace,
    clock,
    signal,
  };
}
