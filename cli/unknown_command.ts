import { resolve } from "node:path";
import type { CommandDefinition } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { GLOBAL_FLAGS } from "./global_flag_list.ts";
import { didYouMean } from "../engine/words/mod.ts";
import { hintAt, UsageError } from "./usage_error.ts";

/** The error for a verb that does not exist. */
export function unknownCommand(verb: string): UsageError {
  const near = didYouMean(verb, COMMANDS.map(({ name }) => name));
  return new UsageError(
    `Cannot run "pd ${verb}" as pd has no such command${hintAt(near)}`,
    near === undefined ? "pd --help" : `pd ${near}`,
  );
}

/**
 * Complains about the first word after a verb that has verbs below it, when the word is nearly one of them
 * and no folder either: such a word may be the verb's own argument.
 *
 * @throws {UsageError}
 */
export async function checkSubcommand(
  word: string,
  { name, subcommands = [] }: CommandDefinition,
  cwd: string,
): Promise<void> {
  const near = didYouMean(word, subcommands.map((entry) => entry.name));
  if (near === undefined) return;
  if (await Deno.stat(resolve(cwd, word)).then(() => true, () => false)) return;
  throw new UsageError(
    `Cannot run "pd ${name} ${word}" as pd ${name} has no such command${hintAt(near)}`,
    `pd ${name} ${near}`,
  );
}

/** The error for a flag that stands without a verb and is not a global one. */
export function unknownRootFlag(arg: string): UsageError {
  const flag = arg.split("=", 1)[0] ?? arg;
  const known = GLOBAL_FLAGS.flatMap(([flags]) => flags.match(/--[a-z-]+/)?.[0] ?? []);
  const near = didYouMean(flag, [...known, "--help", "--version"]);
  return new UsageError(
    `Cannot use "${flag}" as pd has no such flag without a command${hintAt(near)}`,
    near === undefined ? "pd --help" : `pd ${near}`,
  );
}
