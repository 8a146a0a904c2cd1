import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const REMOVE = new URL("../cluster/remove_deployed.ts", import.meta.url).href;

/** `pd undeploy` */
export const definition: CommandDefinition = {
  name: "undeploy",
  summary: "Remove a deployed workflow from its cluster",
  examples: [
    { run: "pd undeploy hello", does: "asks first" },
    { run: "pd undeploy hello -n batch --yes", does: "for a script" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Remove a deployed workflow from its cluster: its pods, schedules, network policy and secrets. What hangs on them goes in the background.",
      )
      .argument("<name>", "name of the workflow")
      .option("-y, --yes", "do not ask")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (name, options) => {
        const { removeDeployed }: typeof import("../cluster/remove_deployed.ts") = await import(
          REMOVE
        );
        await removeDeployed(cli, {
          ...readClusterFlags(cli, options),
          name,
          yes: options.yes ?? false,
        });
      }) as CommandUnknownOpts,
};
