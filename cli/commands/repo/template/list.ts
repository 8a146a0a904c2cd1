import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../../../cli.ts";
import type { CommandDefinition } from "../../../command.ts";
import { dataOption, serverOption, storageOption } from "../_flags.ts";

/** `pd repo template list` */
export const definition: CommandDefinition = {
  name: "repo template list",
  summary: "List templates",
  examples: [{ run: "pd repo template list", does: "and what they are attached to" }],
  build: buildList,
};

/** Flags and action of the list, which is also what `pd repo template` alone does. */
export function buildList(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description("List templates, their newest versions and the repositories that run them.")
    .addOption(dataOption())
    .addOption(storageOption())
    .addOption(serverOption())
    .action(async (options) => {
      const { listTemplates } = await import("../../../repositories/mod.ts");
      await listTemplates(cli, options);
    }) as CommandUnknownOpts;
}
