// @ts-types="@commander-js/extra-typings"
import { type Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Cli } from "../../cli.ts";
import type { CommandDefinition } from "../../command.ts";
import { configOption, secretOption } from "./_flags.ts";

/** `pd token create` */
export const definition: CommandDefinition = {
  name: "token create",
  summary: "Make a token",
  examples: [
    { run: "pd token create --ttl 1h", does: "for everything, for an hour" },
    {
      run: "pd token create --sub ci --scope run --workflow 'deploy-*'",
      does: "for some workflows",
    },
  ],
  build: buildCreate,
};

/** Flags and action, which is also what `pd token` alone does. */
export function buildCreate(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description(
      "Make a token for pd serve, signed with its secret, and print it alone. It is made where the server's configuration is; nothing is asked of the server.",
    )
    .option("--sub <name>", "who it is for: runs say so", "")
    .addOption(
      new Option(
        "--scope <scope>",
        "what it allows: read, run, or admin (the default without --workflow, with it: run)",
      ).choices(["read", "run", "admin"] as const),
    )
    .option(
      "--workflow <name>",
      "for this workflow alone, deploy-* for all that begin so (repeatable)",
      collect,
    )
    .option("--ttl <duration>", "how long it counts", "24h")
    .addOption(configOption())
    .addOption(secretOption())
    .action(async (options) => {
      const { createToken } = await import("../../token/mod.ts");
      await createToken(cli, {
        subject: options.sub,
        scope: options.scope,
        workflows: options.workflow,
        ttl: options.ttl,
        config: options.config,
        jwtSecret: options.jwtSecret,
      });
    }) as CommandUnknownOpts;
}

function collect(value: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), value];
}
