import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";

/** `pd validate` */
export const definition: CommandDefinition = {
  name: "validate",
  summary: "Report every problem in a workflow",
  examples: [
    { run: "pd validate", does: "the workflow in this folder" },
    { run: "pd validate examples/hn-digest -o json", does: "all problems as a list" },
    { run: "pd validate . --modules", does: "load the node files too" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Report every problem in a workflow: its file, its graph, and the files of its nodes. Exits with 1 when there is an error; warnings alone are fine.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("--modules", "also import each node's file, with the rights it will have")
      .action(async (dir, options) => {
        const { validateTarget } = await import("../validate_target.ts");
        await validateTarget(cli, { target: dir, modules: options.modules ?? false });
      }) as CommandUnknownOpts,
};
