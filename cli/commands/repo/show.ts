import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { dataOption, serverOption, storageOption } from "./_flags.ts";

/** `pd repo show` */
export const definition: CommandDefinition = {
  name: "repo show",
  summary: "Show a repository, its templates and its last problem",
  examples: [
    { run: "pd repo show shop", does: "why the last push could not be run, too" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Show a repository: where it is, what was run last, and what kept a push from being run.",
      )
      .argument("<name>", "its name")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (name, options) => {
        const { showRepository } = await import("../../repositories/mod.ts");
        await showRepository(cli, name, options);
      }) as CommandUnknownOpts,
};
