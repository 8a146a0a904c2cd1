import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { readInteger } from "../../read_integer.ts";
import { storageOption } from "./_flags.ts";

/** `pd pipelines show` */
export const definition: CommandDefinition = {
  name: "pipelines show",
  summary: "Show a stored pipeline, its files and its code",
  examples: [
    { run: "pd pipelines show k6", does: "its newest version" },
    { run: "pd pipelines show k6 --at 2 --code", does: "what an older one runs" },
  ],
  build: (command, cli) =>
    command
      .description("Show where a stored pipeline comes from, its driver, its hash and its files.")
      .argument("<pipeline>", "its name")
      .option("--at <number>", "that version; the newest by default", readVersion)
      .option("--code", "print the code alone")
      .addOption(storageOption())
      .action(async (name, options) => {
        const { showPipeline } = await import("../../stored/mod.ts");
        await showPipeline(cli, {
          name,
          version: options.at,
          code: options.code ?? false,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};

function readVersion(text: string): number {
  return readInteger(text, { flag: "--at", min: 1, max: Number.MAX_SAFE_INTEGER });
}
