// @ts-types="@commander-js/extra-typings"
import { type CommandUnknownOpts, Option } from "commander";
import type { CommandDefinition } from "../command.ts";

/** `pd visualize` */
export const definition: CommandDefinition = {
  name: "visualize",
  summary: "Draw the graph of a workflow",
  examples: [
    { run: "pd visualize", does: "in the terminal, with both critical paths" },
    { run: "pd visualize . --format mermaid", does: "text for a README" },
    { run: "pd visualize . --format svg -o graph.svg", does: "a picture" },
    { run: "pd visualize . --format png -o graph.png", does: "with the system's Chromium" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Draw the graph of a workflow. Text, Mermaid and SVG need nothing else; PNG and PDF are drawn by mermaid-cli, fetched once, with the system's Chromium.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .addOption(
        new Option("--format <format>", "how to draw; by the ending of the file when there is one")
          .choices(["text", "mermaid", "svg", "png", "pdf"] as const),
      )
      .option(
        "-o, --output <file>",
        "write to this file; json and text choose the form of the answer, as everywhere",
      )
      .action(async (dir, options) => {
        const { drawTarget } = await import("../draw_target.ts");
        const file = options.output === "json" || options.output === "text"
          ? undefined
          : options.output;
        await drawTarget(cli, {
          target: dir,
          format: options.format,
          file: file === undefined ? undefined : cli.resolve(file),
        });
      }) as CommandUnknownOpts,
};
