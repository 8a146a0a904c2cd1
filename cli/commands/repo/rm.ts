import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { dataOption, serverOption, storageOption } from "./_flags.ts";

/** `pd repo rm` */
export const definition: CommandDefinition = {
  name: "repo rm",
  summary: "Remove repositories; their runs stay",
  examples: [
    { run: "pd repo rm shop", does: "and detach its templates" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Remove repositories. A running server lets their runs come to an end; what it has fetched stays in its folder.",
      )
      .argument("<name...>", "names")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (names, options) => {
        const { removeRepositories } = await import("../../repositories/mod.ts");
        await removeRepositories(cli, names, options);
      }) as CommandUnknownOpts,
};
