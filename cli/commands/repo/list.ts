import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../../cli.ts";
import type { CommandDefinition } from "../../command.ts";
import { dataOption, serverOption, storageOption } from "./_flags.ts";

/** `pd repo list` */
export const definition: CommandDefinition = {
  name: "repo list",
  summary: "List repositories",
  examples: [
    { run: "pd repo list", does: "with the commit that was run last" },
    { run: "pd repo list --server http://127.0.0.1:9009", does: "those of a server" },
  ],
  build: buildList,
};

/** Flags and action of the list, which is also what `pd repo` alone does. */
export function buildList(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description("List the repositories whose commits are run.")
    .addOption(dataOption())
    .addOption(storageOption())
    .addOption(serverOption())
    .action(async (options) => {
      const { listRepositories } = await import("../../repositories/mod.ts");
      await listRepositories(cli, options);
    }) as CommandUnknownOpts;
}
