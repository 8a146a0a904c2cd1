import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { readInteger } from "../../read_integer.ts";
import { storageOption } from "./_flags.ts";

/** `pd pipelines rollback` */
export const definition: CommandDefinition = {
  name: "pipelines rollback",
  summary: "Make an older version the newest again",
  examples: [
    { run: "pd pipelines rollback k6", does: "the version before the newest" },
    { run: "pd pipelines rollback k6 --to 3", does: "version 3" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Store what an older version holds as a new version. Nothing is lost: rolling back is rolled back the same way.",
      )
      .argument("<pipeline>", "its name")
      .option("--to <number>", "the version; the one before the newest by default", readVersion)
      .addOption(storageOption())
      .action(async (name, options) => {
        const { rollBack } = await import("../../stored/mod.ts");
        await rollBack(cli, { name, to: options.to, storage: options.storage });
      }) as CommandUnknownOpts,
};

function readVersion(text: string): number {
  return readInteger(text, { flag: "--to", min: 1, max: Number.MAX_SAFE_INTEGER });
}
