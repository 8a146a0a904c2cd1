import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd pipelines rm` */
export const definition: CommandDefinition = {
  name: "pipelines rm",
  summary: "Remove stored pipelines with all their versions",
  examples: [
    { run: "pd pipelines rm k6", does: "every version of it; its runs stay" },
    { run: "pd pipelines rm k6 echo --yes", does: "without a question" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Remove stored pipelines with all their versions. Their runs stay. Asks first; where there is no terminal to ask on, --yes has to say so.",
      )
      .argument("<pipeline...>", "names")
      .option("-y, --yes", "do not ask")
      .addOption(storageOption())
      .action(async (names, options) => {
        const { removePipelines } = await import("../../stored/mod.ts");
        await removePipelines(cli, { names, yes: options.yes ?? false, storage: options.storage });
      }) as CommandUnknownOpts,
};
