import { undeploy } from "../../deploy/mod.ts";
import type { Cli } from "../cli.ts";
import { askYesNo } from "../terminal/mod.ts";
import { UsageError } from "../usage_error.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd undeploy` was asked. */
export interface UndeployRequest extends ClusterFlags {
  readonly name: string;
  readonly yes: boolean;
}

/** Removes a workflow from its cluster, once somebody has said yes. */
export async function removeDeployed(cli: Cli, request: UndeployRequest): Promise<void> {
  const { name, yes } = request;
  const { io, out } = cli;
  await withCluster(cli, request, async (operation) => {
    const { namespace, client } = operation;
    if (!yes) {
      const where = `${client.cluster.name}, namespace "${namespace}"`;
      if (!io.stdin.isTerminal || !io.stderr.isTerminal || out.format === "json") {
        throw new UsageError(
          `Cannot remove "${name}" from ${where} unasked as nobody can be asked here: there is no terminal`,
          `pd undeploy ${name} -n ${namespace} --yes`,
        );
      }
      if (!(await askYesNo(`Remove "${name}" and its secrets from ${where}?`))) {
        out.note("nothing was removed");
        cli.exitCode = 1;
        return;
      }
    }
    const removed = await undeploy(operation, name, {
      onRemoved: ({ kind, name }) => out.detail(`removed ${kind} ${name}`),
      onLeft: (message) => out.note(`note: ${message}`),
    });
    out.result(
      `removed ${name} from ${namespace}: ${
        removed.map(({ kind, name }) => `${kind} ${name}`).join(", ")
      }`,
      { name, namespace, removed: removed.map((one) => ({ ...one })) },
    );
  });
}
