import { listVersions } from "../../deploy/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { formatAgo, renderTable } from "../terminal/mod.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd versions` was asked. */
export interface VersionsRequest extends ClusterFlags {
  readonly name: string;
  readonly now: number;
}

/** Shows the versions of a workflow that its cluster keeps. */
export async function showVersions(cli: Cli, request: VersionsRequest): Promise<void> {
  const { name, now } = request;
  const versions = await withCluster(cli, request, (operation) => listVersions(operation, name));
  cli.out.result(
    renderTable(
      ["revision", "version", "current", "pods", "age", "image"],
      versions.map((one) => [
        `${one.revision}`,
        one.version ?? "",
        one.isCurrent ? "yes" : "",
        `${one.ready}`,
        formatAgo(one.createdAt, now),
        one.image,
      ]),
      cli.out.colors,
    ),
    { name, versions: versions as unknown as JsonValue },
  );
}
