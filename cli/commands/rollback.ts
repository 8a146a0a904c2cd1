import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import { readTimeout } from "../read_timeout.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const ROLL_BACK = new URL("../cluster/roll_back.ts", import.meta.url).href;
const DEFAULT_TIMEOUT_MS = 300_000;

/** `pd rollback` */
export const definition: CommandDefinition = {
  name: "rollback",
  summary: "Bring back an older version of a deployed workflow",
  examples: [
    { run: "pd rollback hello", does: "the version before the current one" },
    { run: "pd rollback hello --to 3", does: "a revision that pd versions lists" },
    { run: "pd rollback hello --to 1.0.0 --no-wait", does: "a version, without waiting for it" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Bring back an older version of a deployed workflow: the image and settings of its pods. Secrets and schedules stay as they are.",
      )
      .argument("<name>", "name of the workflow")
      .option(
        "--to <revision>",
        "a revision or version; else the one that still serves, or the one before",
      )
      .option("--wait", "wait until the pod is up", true)
      .option("--no-wait", "be done when it is applied")
      .option("--timeout <duration>", "how long to wait", readTimeout, DEFAULT_TIMEOUT_MS)
      .option("--force", "take over fields that another manager has set")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (name, options) => {
        const { rollBackTo }: typeof import("../cluster/roll_back.ts") = await import(ROLL_BACK);
        await rollBackTo(cli, {
          ...readClusterFlags(cli, options),
          name,
          to: options.to,
          wait: options.wait,
          timeoutMs: options.timeout,
          force: options.force ?? false,
        });
      }) as CommandUnknownOpts,
};
