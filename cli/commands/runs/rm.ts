import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd runs rm` */
export const definition: CommandDefinition = {
  name: "runs rm",
  summary: "Delete runs that are over",
  examples: [
    { run: "pd runs rm latest", does: "the newest run of this folder, with its events and logs" },
    { run: "pd runs rm --older-than 30d --all", does: "whatever ended longer ago" },
    { run: "pd runs rm --status failed --yes", does: "without a question" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Delete runs that are over, by id or by what they have in common, with their events and logs. Asks first; where there is no terminal to ask on, --yes has to say so.",
      )
      .argument("[id...]", "runs: ids or beginnings of them, latest, latest:failed")
      .option("--older-than <age>", "those that ended longer ago: 30d, 12h")
      .option("--status <status>", "those that ended so, with commas: failed,cancelled")
      .option("--workflow <workflow>", "those of workflows with this name")
      .option("--all", "of every workflow in the storage, not of this folder's alone")
      .option("-y, --yes", "do not ask")
      .addOption(storageOption())
      .action(async (ids, options) => {
        const { removeRuns } = await import("../../runs/mod.ts");
        await removeRuns(cli, {
          ids,
          olderThan: options.olderThan,
          status: options.status,
          workflow: options.workflow,
          all: options.all ?? false,
          yes: options.yes ?? false,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};
