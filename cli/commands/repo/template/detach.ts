import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../../command.ts";
import { dataOption, serverOption, storageOption } from "../_flags.ts";

/** `pd repo template detach` */
export const definition: CommandDefinition = {
  name: "repo template detach",
  summary: "Let pushes of a repository run a template no more",
  examples: [
    { run: "pd repo template detach lint shop", does: "its runs stay" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Detach a template from a repository. A running server lets its runs come to an end.",
      )
      .argument("<template>", "its name")
      .argument("<repository>", "name of the repository")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (template, repository, options) => {
        const { detachTemplate } = await import("../../../repositories/mod.ts");
        await detachTemplate(cli, { template, repository }, options);
      }) as CommandUnknownOpts,
};
