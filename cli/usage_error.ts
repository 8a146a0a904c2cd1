import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { PdError } from "../engine/errors/mod.ts";
import { didYouMean } from "../engine/words/mod.ts";

/** The command line was used wrongly: exit code 2. */
export class UsageError extends PdError {
  override readonly code = "USAGE";

  constructor(message: string, fix: string) {
    super(message, { fix });
  }
}

/** Turns what the argument parser complains about into a `UsageError` that names the way out. */
export function toUsageError(
  complaint: { readonly code: string; readonly message: string },
  command: CommandUnknownOpts,
): UsageError {
  const name = command.name();
  const quoted = complaint.message.match(/'([^']*)'/)?.[1] ?? "";
  const help = `${name} --help`;
  switch (complaint.code) {
    case "commander.unknownOption": {
      const flag = quoted.split("=", 1)[0] ?? quoted;
      const known = command.options.flatMap((option) => option.long ?? []);
      const near = didYouMean(flag, [...known, "--help"]);
      return new UsageError(
        `Cannot use "${flag}" as ${name} has no such flag${hintAt(near)}`,
        near === undefined ? help : `${name} ${near}`,
      );
    }
    case "commander.missingArgument":
      return new UsageError(
        `Cannot run "${name}" as it needs an argument: <${quoted}> is missing`,
        `${name} ${command.usage()}`,
      );
    case "commander.excessArguments":
      return new UsageError(
        `Cannot run "${name}" as it takes ${
          complaint.message.match(/Expected (\d+ arguments?)/)?.[1] ?? "fewer arguments"
        }: it was given ${complaint.message.match(/but got (\d+)/)?.[1] ?? "more"}`,
        help,
      );
    case "commander.optionMissingArgument":
      return new UsageError(
        `Cannot use "${quoted}" as its value is missing`,
        help,
      );
    default:
      return new UsageError(
        `Cannot run "${name}" as its arguments are wrong: ${
          complaint.message.replace(/^error: /, "").replace(/\.$/, "")
        }`,
        help,
      );
  }
}

/** `: did you mean "x"?`, or nothing. */
export function hintAt(near: string | undefined): string {
  return near === undefined ? "" : `: did you mean "${near}"?`;
}
