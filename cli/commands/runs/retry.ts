import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { checkOtel, otelOption } from "../../otel_flag.ts";
import { driverOption, secretOption, storageOption } from "./_flags.ts";

/** `pd runs retry` */
export const definition: CommandDefinition = {
  name: "runs retry",
  summary: "Run again with the input of an earlier run",
  examples: [
    { run: "pd runs retry latest:failed", does: "the whole of it" },
    {
      run: "pd runs retry latest:failed --from render",
      does: "what comes before it is not run again",
    },
  ],
  build: (command, cli) =>
    command
      .description(
        "Run again with the input of an earlier run, as a new run, and print its output like pd run. With --from the outputs of nodes that do not depend on that one are taken over.",
      )
      .argument("<id>", "a run: its id or the beginning of it, latest, latest:failed")
      .option("--from <node>", "run this node and what depends on it; take the rest over")
      .option("--secrets <path>", "secrets from this file or folder alone, or kept at local://path")
      .addOption(secretOption())
      .addOption(driverOption())
      .addOption(storageOption())
      .addOption(otelOption())
      .action(async (id, options) => {
        checkOtel(options.otel, { env: cli.io.env, command: `pd runs retry ${id}` });
        const { retryTarget } = await import("../../runs/mod.ts");
        await retryTarget(cli, {
          id,
          from: options.from,
          secrets: options.secrets,
          secretFlags: options.secret ?? [],
          driver: options.driver,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};
