import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../../cli.ts";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd pipelines list` */
export const definition: CommandDefinition = {
  name: "pipelines list",
  summary: "List stored pipelines and workflows",
  examples: [
    { run: "pd pipelines list", does: "the newest version of each" },
    { run: "pd pipelines list -o json", does: "with their ids and hashes" },
  ],
  build: buildList,
};

/** Flags and action of the list, which is also what `pd pipelines` alone does. */
export function buildList(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description("List what is stored to be run by its name: the newest version of each.")
    .addOption(storageOption())
    .action(async (options) => {
      const { listPipelines } = await import("../../stored/mod.ts");
      await listPipelines(cli, { storage: options.storage });
    }) as CommandUnknownOpts;
}
