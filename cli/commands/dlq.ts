// @ts-types="@commander-js/extra-typings"
import { Argument, type CommandUnknownOpts } from "commander";
import type { CommandDefinition } from "../command.ts";
import { readInteger } from "../read_integer.ts";

/** `pd dlq` */
export const definition: CommandDefinition = {
  name: "dlq",
  summary: "List, show and replay messages that were given up",
  examples: [
    { run: "pd dlq list", does: "the dead letters of the workflow in this folder" },
    { run: "pd dlq show --seq 12", does: "one of them, with its payload and the reason" },
    { run: "pd dlq replay --seq 12", does: "send it to its subject again" },
    { run: "pd dlq replay . --all --subject orders.dlq", does: "all of one subject" },
  ],
  build: (command, cli) =>
    command
      .usage("[list|show|replay] [dir] [flags]")
      .description(
        "List, show and replay the messages that the queue triggers of a workflow gave up. Replaying sends a message to the subject that it came from, and removes it from the dead letters once that is stored.",
      )
      .addArgument(
        new Argument("[action]", "what to do").choices(["list", "show", "replay"] as const)
          .default("list" as const),
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("--subject <subject>", "only dead letters of this subject")
      .option("--seq <number>", "the one with this sequence number")
      .option("--all", "replay all of them")
      .option("--limit <number>", "list at most so many of each subject", "100")
      .option("--secrets <path>", "secrets from this file or folder alone")
      .action(async (action, dir, options) => {
        const { deadLettersTarget } = await import("../dead_letters_target.ts");
        await deadLettersTarget(cli, {
          action,
          target: dir,
          subject: options.subject,
          sequence: options.seq === undefined ? undefined : number(options.seq, "--seq"),
          all: options.all ?? false,
          limit: number(options.limit, "--limit"),
          secretsPath: options.secrets === undefined ? undefined : cli.resolve(options.secrets),
        });
      }) as CommandUnknownOpts,
};

function number(text: string, flag: string): number {
  return readInteger(text, { flag, min: 1, max: Number.MAX_SAFE_INTEGER });
}
