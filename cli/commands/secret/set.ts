import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { pipelineOption, secretsOption } from "./_flags.ts";

/** `pd secret set` */
export const definition: CommandDefinition = {
  name: "secret set",
  summary: "Set a secret: from standard input, a question or a file",
  examples: [
    { run: "pd secret set API_TOKEN", does: "asks for the value; it is not shown" },
    { run: "pass show api | pd secret set API_TOKEN --pipeline k6", does: "for one pipeline" },
    { run: "pd secret set TLS_KEY=@key.pem", does: "the text of a file" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Set a secret. The value comes from standard input, a question on the terminal, or a file: a command line is seen by others.",
      )
      .argument("<key>", "its name, or name=@file")
      .addOption(pipelineOption())
      .addOption(secretsOption())
      .action(async (key, options) => {
        const { setSecret } = await import("../../kept_secrets/mod.ts");
        await setSecret(cli, { key, pipeline: options.pipeline, address: options.secrets });
      }) as CommandUnknownOpts,
};
