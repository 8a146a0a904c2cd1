import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { checkOtel, otelOption } from "../../otel_flag.ts";
import { driverOption, secretOption, storageOption } from "./_flags.ts";

/** `pd runs resume` */
export const definition: CommandDefinition = {
  name: "runs resume",
  summary: "Go on with runs whose engine has ended",
  examples: [
    { run: "pd runs resume", does: "all of this folder's workflow that nobody goes on with" },
    { run: "pd runs resume latest:interrupted", does: "one of them" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Go on with runs whose engine has ended, to their end, with the progress of pd run. Nodes that succeeded do not run again. A run that a living engine has is refused.",
      )
      .argument("[id]", "a run: its id or the beginning of it, latest:interrupted")
      .option("--secrets <path>", "secrets from this file or folder alone, or kept at local://path")
      .addOption(secretOption())
      .addOption(driverOption())
      .addOption(storageOption())
      .addOption(otelOption())
      .action(async (id, options) => {
        checkOtel(options.otel, {
          env: cli.io.env,
          command: `pd runs resume${id === undefined ? "" : ` ${id}`}`,
        });
        const { resumeTargets } = await import("../../runs/mod.ts");
        await resumeTargets(cli, {
          id,
          secrets: options.secrets,
          secretFlags: options.secret ?? [],
          driver: options.driver,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};
