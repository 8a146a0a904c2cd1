import { checkCluster } from "../../deploy/mod.ts";
import type { Cli } from "../cli.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd cluster check` was asked. */
export interface CheckRequest extends ClusterFlags {
  readonly fix: boolean;
  readonly runtimeClass: string;
}

const MARKS = {
  ok: "ok      ",
  warning: "warning ",
  failed: "FAILED  ",
  fixed: "fixed   ",
} as const;

/** Shows whether a cluster is ready for workflows; exit code 1 when it is not. */
export async function check(cli: Cli, request: CheckRequest): Promise<void> {
  const { out } = cli;
  const { checks, namespace } = await withCluster(cli, request, async (operation) => ({
    checks: await checkCluster(operation, request),
    namespace: operation.namespace,
  }));
  const { green, yellow, red } = out.colors;
  const paint = { ok: green, fixed: green, warning: yellow, failed: red };
  const lines = checks.flatMap(({ name, status, message, fix }) => [
    `${paint[status](MARKS[status])}${name}: ${message}`,
    ...fix === undefined ? [] : [`        fix: ${fix}`],
  ]);
  const isReady = checks.every(({ status }) => status !== "failed");
  out.result(lines.join("\n"), {
    ready: isReady,
    namespace,
    checks: checks.map(({ name, status, message, fix }) => ({
      name,
      status,
      message,
      fix: fix ?? null,
    })),
  });
  if (!isReady) cli.exitCode = 1;
}
