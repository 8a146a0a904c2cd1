import { systemClock } from "../../engine/clock/mod.ts";
import { connect, type Operation } from "../../deploy/mod.ts";
import type { Cli } from "../cli.ts";

/** Which cluster, as flags say it. */
export interface ClusterFlags {
  readonly context: string | undefined;
  /** Absolute. */
  readonly kubeconfig: string | undefined;
}

/** Works on the cluster of the flags, and leaves no connection behind. Ctrl-C ends what is on the way. */
export async function withCluster<T>(
  { io, flags }: Pick<Cli, "io" | "flags">,
  { context, kubeconfig }: ClusterFlags,
  work: (operation: Operation) => Promise<T>,
): Promise<T> {
  const operation = await connect({
    context,
    kubeconfig,
    namespace: flags.namespace,
    env: io.env,
    clock: systemClock,
    signal: io.interrupt(),
  });
  using _ = operation.client;
  return await work(operation);
}
