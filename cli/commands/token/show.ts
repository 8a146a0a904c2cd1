import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { configOption, secretOption } from "./_flags.ts";

/** `pd token show` */
export const definition: CommandDefinition = {
  name: "token show",
  summary: "Show what a token says, and whether it counts",
  examples: [
    { run: "pd token show $TOKEN", does: "exit code 1 when it does not count" },
    { run: "pd token create | pd token show -", does: "from standard input" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Show what a token says, and whether it counts where the server's configuration is. The exit code is 1 when it does not.",
      )
      .argument("<token>", "the token, or - for standard input")
      .addOption(configOption())
      .addOption(secretOption())
      .action(async (token, options) => {
        const { showToken } = await import("../../token/mod.ts");
        await showToken(cli, { token, config: options.config, jwtSecret: options.jwtSecret });
      }) as CommandUnknownOpts,
};
