import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { pipelineOption, secretsOption } from "./_flags.ts";

/** `pd secret rm` */
export const definition: CommandDefinition = {
  name: "secret rm",
  summary: "Remove a secret",
  examples: [
    { run: "pd secret rm API_TOKEN", does: "the global one" },
    { run: "pd secret rm API_TOKEN --pipeline k6", does: "the one of k6" },
  ],
  build: (command, cli) =>
    command
      .description("Remove a secret.")
      .argument("<key>", "its name")
      .addOption(pipelineOption())
      .addOption(secretsOption())
      .action(async (key, options) => {
        const { removeSecret } = await import("../../kept_secrets/mod.ts");
        await removeSecret(cli, { key, pipeline: options.pipeline, address: options.secrets });
      }) as CommandUnknownOpts,
};
