// @ts-types="@commander-js/extra-typings"
import { Command, type CommandUnknownOpts } from "commander";
import type { Cli } from "./cli.ts";
import type { CommandEntry } from "./commands.ts";
import type { Prepared } from "./prepared.ts";
import type { Io } from "./terminal/mod.ts";

/** A call that works as it stands, and what it does. */
export interface Example {
  readonly run: string;
  readonly does: string;
}

/** One verb of `pd`: what `commands/<verb>.ts` exports as `definition`. */
export interface CommandDefinition {
  /** `run`, or `runs show` for a verb below another one. */
  readonly name: string;
  /** One line, no final period. */
  readonly summary: string;
  readonly examples: readonly [Example, ...Example[]];
  /** Takes the frame of the command and adds description, arguments, flags and action. */
  build(command: Command, cli: Cli): CommandUnknownOpts;
  /**
   * Looks at the words before they are parsed: which of them are pd's, and what to begin already. Must not
   * print, nor throw.
   */
  prepare?(args: readonly string[], io: Io): Promise<Prepared>;
  /** Verbs below this one, such as `pd runs show`. When none of them is named, this command itself runs. */
  readonly subcommands?: readonly CommandEntry[];
  /** More to say in `--help`, by what the arguments name. Must not print. */
  moreHelp?(args: readonly string[], cli: Cli): Promise<string>;
}

/** The frame of a command: its name, summary, examples and the behaviour all verbs share. */
export function createCommand(definition: CommandDefinition): Command {
  const width = Math.max(...definition.examples.map((example) => example.run.length));
  const examples = definition.examples
    .map(({ run, does }) => `  ${run.padEnd(width)}   # ${does}`)
    .join("\n");
  return new Command(`pd ${definition.name}`)
    .summary(definition.summary)
    .description(`${definition.summary}.`)
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureHelp({ helpWidth: 100 })
    .addHelpText("after", subcommandHelp(definition))
    .addHelpText(
      "after",
      `\nExamples:\n${examples}\n\nEvery flag can be set in the environment too: --some-flag as PD_SOME_FLAG.`,
    );
}

function subcommandHelp({ name, subcommands = [] }: CommandDefinition): string {
  if (subcommands.length === 0) return "";
  const names = subcommands.map((entry) => `pd ${name} ${entry.name}`);
  const width = Math.max(...names.map((text) => text.length));
  const lines = subcommands.map(({ summary }, index) =>
    `  ${(names[index] ?? "").padEnd(width)}  ${summary}`
  );
  return `\nCommands:\n${lines.join("\n")}`;
}
