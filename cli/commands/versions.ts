import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { CONTEXT_FLAG, KUBECONFIG_FLAG, readClusterFlags } from "../cluster/read_cluster_flags.ts";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const SHOW_VERSIONS = new URL("../cluster/show_versions.ts", import.meta.url).href;

/** `pd versions` */
export const definition: CommandDefinition = {
  name: "versions",
  summary: "List the versions of a deployed workflow",
  examples: [
    { run: "pd versions hello", does: "what pd rollback can bring back" },
    { run: "pd versions hello -o json", does: "for a script" },
  ],
  build: (command, cli) =>
    command
      .description(
        "List the versions of a deployed workflow that its cluster keeps: the current one and the three before it.",
      )
      .argument("<name>", "name of the workflow")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (name, options) => {
        const { showVersions }: typeof import("../cluster/show_versions.ts") = await import(
          SHOW_VERSIONS
        );
        await showVersions(cli, { ...readClusterFlags(cli, options), name, now: Date.now() });
      }) as CommandUnknownOpts,
};
