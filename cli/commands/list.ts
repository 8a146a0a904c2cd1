import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const SHOW_LIST = new URL("../cluster/show_list.ts", import.meta.url).href;

/** `pd list` */
export const definition: CommandDefinition = {
  name: "list",
  summary: "List deployed workflows",
  examples: [
    { run: "pd list", does: "those of the current namespace" },
    { run: "pd list --all-namespaces", does: "those of the whole cluster" },
    { run: "pd list -o json", does: "for a script" },
  ],
  build: (command, cli) =>
    command
      .description(
        "List deployed workflows: their versions, pods and schedules, and when a schedule last ran.",
      )
      .option("-A, --all-namespaces", "of the whole cluster")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (options) => {
        const { showList }: typeof import("../cluster/show_list.ts") = await import(SHOW_LIST);
        await showList(cli, {
          ...readClusterFlags(cli, options),
          allNamespaces: options.allNamespaces ?? false,
          now: Date.now(),
        });
      }) as CommandUnknownOpts,
};
