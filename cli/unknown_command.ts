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
