import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd pipelines history` */
export const definition: CommandDefinition = {
  name: "pipelines history",
  summary: "List the versions of a stored pipeline",
  examples: [{ run: "pd pipelines history k6", does: "all of its versions, newest first" }],
  build: (command, cli) =>
    command
      .description("List the versions of a stored pipeline, newest first.")
      .argument("<pipeline>", "its name")
      .addOption(storageOption())
      .action(async (name, options) => {
        const { showHistory } = await import("../../stored/mod.ts");
        await showHistory(cli, { name, storage: options.storage });
      }) as CommandUnknownOpts,
};
