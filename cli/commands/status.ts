import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const SHOW_STATUS = new URL("../cluster/show_status.ts", import.meta.url).href;

/** `pd status` */
export const definition: CommandDefinition = {
  name: "status",
  summary: "Show how a deployed workflow is",
  examples: [
    { run: "pd status hello", does: "its state, image, pods and schedules" },
    {
      run: "pd status hello -n batch --detail",
      does: "with nodes, how containers ended, and events",
    },
    { run: "pd status hello -o json", does: "for a script; exit code 1 when it has failed" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Show how a deployed workflow is: whether it is up, its image and runtime class, its pods and schedules, and why it does not come up.",
      )
      .argument("<name>", "name of the workflow")
      .option("--detail", "nodes, images and ends of containers, and all events")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (name, options) => {
        const { showStatus }: typeof import("../cluster/show_status.ts") = await import(
          SHOW_STATUS
        );
        await showStatus(cli, {
          ...readClusterFlags(cli, options),
          name,
          detail: options.detail ?? false,
          now: Date.now(),
        });
      }) as CommandUnknownOpts,
};
