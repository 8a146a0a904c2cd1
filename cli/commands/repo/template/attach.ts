// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../../command.ts";
import { readInteger } from "../../../read_integer.ts";
import { dataOption, serverOption, storageOption } from "../_flags.ts";

/** `pd repo template attach` */
export const definition: CommandDefinition = {
  name: "repo template attach",
  summary: "Let each push of a repository run a template",
  examples: [
    { run: "pd repo template attach lint shop", does: "its newest version" },
    {
      run: "pd repo template attach lint shop --version 2 --input 'tag={{ .branch }}'",
      does: "stays at version 2",
    },
  ],
  build: (command, cli) =>
    command
      .description(
        "Attach a template to a repository, or change how it is attached. Inputs that are texts are templates over repository, commit, ref and branch.",
      )
      .argument("<template>", "its name")
      .argument("<repository>", "name of the repository")
      .addOption(
        new Option("--track <version>", "which version runs: the newest").choices(
          ["latest"] as const,
        ),
      )
      .addOption(
        new Option("--version <number>", "the version that it stays at").argParser(readVersion)
          .conflicts("track"),
      )
      .option("--input <key=value>", "an input of the template (repeatable)", collect, [])
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (template, repository, options) => {
        const { attachTemplate } = await import("../../../repositories/mod.ts");
        const { version, input: inputs } = options;
        await attachTemplate(cli, { template, repository, version, inputs }, options);
      }) as CommandUnknownOpts,
};

function readVersion(text: string): number {
  return readInteger(text, { flag: "--version", min: 1, max: Number.MAX_SAFE_INTEGER });
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}
