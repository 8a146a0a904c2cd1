import { readStatus, type WorkflowStatus } from "../../deploy/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { type Colors, formatAgo, renderTable } from "../terminal/mod.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd status` was asked. */
export interface StatusRequest extends ClusterFlags {
  readonly name: string;
  readonly detail: boolean;
  readonly now: number;
}

/** Shows how a deployed workflow is; a failed one is exit code 1. */
export async function showStatus(cli: Cli, request: StatusRequest): Promise<void> {
  const status = await withCluster(
    cli,
    request,
    (operation) => readStatus(operation, request.name),
  );
  cli.out.result(
    formatStatus(status, { ...request, colors: cli.out.colors }),
    status as unknown as JsonValue,
  );
  if (status.state === "failed") cli.exitCode = 1;
}

/** A workflow's state for people. */
export function formatStatus(
  status: WorkflowStatus,
  { detail, now, colors }: {
    readonly detail: boolean;
    readonly now: number;
    readonly colors: Colors;
  },
): string {
  const { name, namespace, version, image, runtimeClass, state, message, fix } = status;
  const paint = { up: colors.green, starting: colors.yellow, failed: colors.red }[state];
  const ago = (at: number | undefined) => at === undefined ? "never" : formatAgo(at, now);
  const lines = [
    `${colors.bold(name)} ${version ?? ""} in ${namespace}: ${paint(state)}, ${message}`,
    ...fix === undefined ? [] : [`fix: ${fix}`],
    `image          ${image}`,
    `runtime class  ${runtimeClass ?? "none"}`,
  ];
  if (status.pods.length > 0) {
    lines.push(
      "",
      renderTable(
        [
          "pod",
          "state",
          "ready",
          "restarts",
          "age",
          ...detail ? ["node", "last end", "image"] : [],
        ],
        status.pods.map((pod) => [
          pod.name,
          pod.state,
          pod.isReady ? "yes" : "no",
          `${pod.restarts}`,
          formatAgo(pod.createdAt, now),
          ...detail ? [pod.node ?? "", pod.lastEnd ?? "", pod.image] : [],
        ]),
        colors,
      ),
    );
  }
  if (status.schedules.length > 0) {
    lines.push(
      "",
      renderTable(
        ["schedule", "when", "last run", "last success", "job"],
        status.schedules.map((one) => [
          one.name,
          `${one.schedule} ${one.timeZone}${one.isSuspended ? " (suspended)" : ""}`,
          ago(one.lastScheduledAt),
          ago(one.lastSucceededAt),
          one.lastJob ?? "",
        ]),
        colors,
      ),
    );
  }
  const events = detail ? status.events : status.events.filter(({ type }) => type === "Warning");
  if (events.length > 0 && (detail || state !== "up")) {
    lines.push(
      "",
      renderTable(
        ["event", "of", "age", "message"],
        events.map((event) => [
          `${event.reason}${event.count > 1 ? ` x${event.count}` : ""}`,
          event.of,
          formatAgo(event.at, now),
          event.message,
        ]),
        colors,
      ),
    );
  }
  return lines.join("\n");
}
