import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../../cli.ts";
import type { CommandDefinition } from "../../command.ts";
import { pipelineOption, secretsOption } from "./_flags.ts";

/** `pd secret list` */
export const definition: CommandDefinition = {
  name: "secret list",
  summary: "List the names of secrets",
  examples: [
    { run: "pd secret list", does: "global ones, and those of each pipeline" },
    { run: "pd secret list --pipeline k6", does: "those that k6 gets" },
  ],
  build: buildList,
};

/** Flags and action of the list, which is also what `pd secret` alone does. */
export function buildList(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description("List the names of secrets, and whom they are for. Values are never shown.")
    .addOption(pipelineOption())
    .addOption(secretsOption())
    .action(async (options) => {
      const { listSecrets } = await import("../../kept_secrets/mod.ts");
      await listSecrets(cli, { pipeline: options.pipeline, address: options.secrets });
    }) as CommandUnknownOpts;
}
