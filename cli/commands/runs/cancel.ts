import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd runs cancel` */
export const definition: CommandDefinition = {
  name: "runs cancel",
  summary: "Cancel runs, and wait until they are over",
  examples: [
    { run: "pd runs cancel latest", does: "the newest run of this folder" },
    { run: "pd runs cancel 0190b3e4-7c12 0190b3e4-7d01", does: "several" },
    { run: "pd runs cancel latest --no-wait", does: "ask, and leave it at that" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Cancel runs: the engine that has a run is asked to end it, whichever process that is. A run whose engine has ended is ended here.",
      )
      .argument("<id...>", "runs: ids or beginnings of them, latest, latest:running")
      .option("--no-wait", "do not wait until they are over")
      .addOption(storageOption())
      .action(async (ids, options) => {
        const { cancelRuns } = await import("../../runs/mod.ts");
        await cancelRuns(cli, { ids, wait: options.wait, storage: options.storage });
      }) as CommandUnknownOpts,
};
