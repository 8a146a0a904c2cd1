import { COMMANDS } from "./commands.ts";
import { GLOBAL_FLAGS } from "./global_flag_list.ts";

/** What `pd` and `pd --help` print. */
export function rootHelp(): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary] as const);
  return `Usage: pd <command> [flags]

Runs a folder with a workflow.yaml and a few TypeScript files.

Commands:
${table(commands)}

Global flags:
${table(GLOBAL_FLAGS)}

Start here:
  pd init demo && cd demo && pd run .

pd <command> --help shows the flags and examples of a command.
`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
