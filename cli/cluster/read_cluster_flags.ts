import type { Cli } from "../cli.ts";
import type { ClusterFlags } from "./with_cluster.ts";

/** The flags that every command on a cluster takes, as they are written. */
export const CONTEXT_FLAG = [
  "--context <name>",
  "context of the kubeconfig, else its current one",
] as const;
/** The other one. */
export const KUBECONFIG_FLAG = [
  "--kubeconfig <path>",
  "kubeconfig file, else $KUBECONFIG or ~/.kube/config",
] as const;

/** Reads them. */
export function readClusterFlags(
  cli: Pick<Cli, "resolve">,
  { context, kubeconfig }: {
    readonly context?: string | undefined;
    readonly kubeconfig?: string | undefined;
  },
): ClusterFlags {
  return {
    context,
    kubeconfig: kubeconfig === undefined ? undefined : cli.resolve(kubeconfig),
  };
}
