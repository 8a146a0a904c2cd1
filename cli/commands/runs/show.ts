import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd runs show` */
export const definition: CommandDefinition = {
  name: "runs show",
  summary: "Show the nodes, times, attempts and errors of a run",
  examples: [
    { run: "pd runs show latest", does: "the newest run of this folder" },
    { run: "pd runs show latest:failed --full", does: "inputs and outputs as they are" },
    { run: "pd runs show 0190b3e4-7c12 -o json", does: "by the short id of the list" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Show a run: what started it, who has it, and each node with its state, time, attempts, error, input and output. Secrets are ***.",
      )
      .argument("<id>", "a run: its id or the beginning of it, latest, latest:failed")
      .option("--full", "inputs and outputs as they are, not cut to a line")
      .addOption(storageOption())
      .action(async (id, options) => {
        const { showOneRun } = await import("../../runs/mod.ts");
        await showOneRun(cli, { id, isFull: options.full ?? false, storage: options.storage });
      }) as CommandUnknownOpts,
};
