import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import { readInteger } from "../read_integer.ts";
import { UsageError } from "../usage_error.ts";
import { parseDuration } from "../../engine/units/mod.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const SHOW_LOGS = new URL("../cluster/show_logs.ts", import.meta.url).href;

/** `pd logs` */
export const definition: CommandDefinition = {
  name: "logs",
  summary: "Print the log of a deployed workflow",
  examples: [
    { run: "pd logs hello", does: "the last 100 lines of each pod" },
    { run: "pd logs hello -f", does: "what comes, over restarts and new versions, until Ctrl-C" },
    { run: "pd logs hello --previous", does: "what its container said before it ended" },
    { run: "pd logs hello --since 10m --tail 1000", does: "the last ten minutes" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Print the log of a deployed workflow: of all its pods, each line with its pod before it.",
      )
      .argument("<name>", "name of the workflow")
      .option("-f, --follow", "print what comes, until Ctrl-C")
      .option("--tail <number>", "so many last lines of each pod", "100")
      .option("--previous", "of the container before the last restart")
      .option("--since <duration>", "not older than this, such as 10m")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (name, options) => {
        const { showLogs }: typeof import("../cluster/show_logs.ts") = await import(SHOW_LOGS);
        await showLogs(cli, {
          ...readClusterFlags(cli, options),
          name,
          follow: options.follow ?? false,
          tail: readInteger(options.tail, { flag: "--tail", min: 0, max: 1_000_000 }),
          previous: options.previous ?? false,
          sinceSeconds: options.since === undefined ? undefined : readSince(options.since),
        });
      }) as CommandUnknownOpts,
};

/** In whole seconds, as the cluster counts them. */
function readSince(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return Math.max(1, Math.ceil(ms / 1000));
  throw new UsageError(
    `Cannot use --since "${text}" as it is a duration above zero`,
    "--since 10m",
  );
}
