// @ts-types="@commander-js/extra-typings"
import { type CommandUnknownOpts, Option } from "commander";
import type { CommandDefinition } from "../command.ts";
import { TEMPLATES } from "../templates.ts";

/** `pd init` */
export const definition: CommandDefinition = {
  name: "init",
  summary: "Create a workflow that runs at once",
  examples: [
    { run: "pd init demo && cd demo && pd run .", does: "two nodes, no network" },
    { run: "pd init news --template digest", does: "an HTTP API, with recordings to replay" },
    { run: "pd init demo --dir services/demo", does: "in another folder" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Create a workflow that runs at once: workflow.yaml, nodes, fixtures, and what an editor needs to complete them. Asks on a terminal when no name is given. Overwrites nothing.",
      )
      .argument("[name]", "name of the workflow: kebab-case, at most 63 characters")
      .addOption(
        new Option(
          "--template <name>",
          TEMPLATES.map((one) => `${one.name}: ${one.summary}`).join("; "),
        )
          .choices(TEMPLATES.map((one) => one.name)),
      )
      .option("--dir <folder>", "where to create it; a folder of that name by default")
      .action(async (name, options) => {
        const { initWorkflow } = await import("../init_workflow.ts");
        await initWorkflow(cli, { name, template: options.template, dir: options.dir });
      }) as CommandUnknownOpts,
};
