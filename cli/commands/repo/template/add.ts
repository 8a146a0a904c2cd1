import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../../command.ts";
import { dataOption, serverOption, storageOption } from "../_flags.ts";

/** `pd repo template add` */
export const definition: CommandDefinition = {
  name: "repo template add",
  summary: "Store a version of a template",
  examples: [
    { run: "pd repo template add lint templates/lint", does: "a workflow folder" },
    { run: "pd repo template add load k6.ts", does: "a pipeline" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Store a workflow folder, or a pipeline of one file, as a new version of a template. Attachments that track the latest version run it from the next push on.",
      )
      .argument("<name>", "kebab-case")
      .argument("<path>", "workflow folder, or file of a pipeline")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (name, path, options) => {
        const { addTemplate } = await import("../../../repositories/mod.ts");
        await addTemplate(cli, { name, path }, options);
      }) as CommandUnknownOpts,
};
