import { listDeployed } from "../../deploy/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { formatAgo, renderTable } from "../terminal/mod.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd list` was asked. */
export interface ListRequest extends ClusterFlags {
  readonly allNamespaces: boolean;
  readonly now: number;
}

/** Shows the workflows that are deployed. */
export async function showList(cli: Cli, request: ListRequest): Promise<void> {
  const { found, namespace } = await withCluster(cli, request, async (operation) => ({
    found: await listDeployed(operation, request),
    namespace: operation.namespace,
  }));
  if (found.length === 0) {
    const where = request.allNamespaces ? "any namespace" : `the namespace "${namespace}"`;
    cli.out.note(`no workflow is deployed in ${where}: pd deploy puts one there`);
  }
  const text = found.length === 0 ? "" : renderTable(
    ["name", "namespace", "version", "pods", "schedule", "last run", "last success"],
    found.map((one) => [
      one.name,
      request.allNamespaces ? one.namespace : "",
      one.version ?? "",
      `${one.available}/${one.wanted}`,
      one.schedules.join(", "),
      one.lastRunAt === undefined ? "" : formatAgo(one.lastRunAt, request.now),
      one.lastSucceededAt === undefined ? "" : formatAgo(one.lastSucceededAt, request.now),
    ]),
    cli.out.colors,
  );
  cli.out.result(text, { workflows: found as unknown as JsonValue });
}
