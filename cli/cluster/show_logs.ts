import { followLogs, type PodLine, readLogs } from "../../deploy/mod.ts";
import type { Cli } from "../cli.ts";
import { printable } from "../terminal/mod.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd logs` was asked. */
export interface LogsOfRequest extends ClusterFlags {
  readonly name: string;
  readonly follow: boolean;
  readonly tail: number;
  readonly previous: boolean;
  readonly sinceSeconds: number | undefined;
}

/** Prints what the pods of a deployed workflow say. */
export async function showLogs(cli: Cli, request: LogsOfRequest): Promise<void> {
  const { out, io } = cli;
  const { name, follow, ...lines } = request;
  const write = ({ pod, text }: PodLine) =>
    io.stdout.write(`${out.colors.dim(`[${shortPod(pod, name)}]`)} ${printable(text)}\n`);
  await withCluster(cli, request, async (operation) => {
    if (follow) {
      await followLogs(operation, name, {
        request: lines,
        write,
        onPod: (pod) => out.detail(`following ${pod}`),
      });
      return;
    }
    const { lines: found, silent } = await readLogs(operation, name, lines);
    if (out.format === "json") {
      out.result("", { lines: found.map(({ pod, text }) => ({ pod, text })) });
      return;
    }
    for (const line of found) write(line);
    for (const pod of silent) {
      out.note(`${pod} has said nothing${lines.previous ? " before its last start" : ""}`);
    }
  });
  if (io.interrupt().aborted) cli.exitCode = 130;
}

/** Without the name of the workflow that all of them begin with. */
function shortPod(pod: string, name: string): string {
  return pod.startsWith(`${name}-`) ? pod.slice(name.length + 1) : pod;
}
