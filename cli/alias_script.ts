import { UsageError } from "./usage_error.ts";

/** Shells that functions are written for. */
export type AliasShell = "bash" | "zsh" | "fish";

/** What no shell takes as a name of a function, or would be lost without. */
const RESERVED = new Set(
  "and begin break builtin case command continue coproc do done elif else end esac eval exec exit export fi for function if in not or pd read return select set source switch test then time until while"
    .split(" "),
);

/**
 * Functions of that shell, one for each name, which run `pd run NAME -- …` with all their arguments.
 *
 * @throws {UsageError} for a name that the shell would read as something else
 */
export function aliasScript(names: readonly string[], shell: AliasShell): string {
  return names.map((name) => {
    check(name);
    return shell === "fish"
      ? `function ${name}\n  command pd run ${name} -- $argv\nend\n`
      // Not where an alias of that name is in the way of its own definition.
      : `unalias ${name} 2>/dev/null || true\nfunction ${name} {\n  command pd run ${name} -- "$@"\n}\n`;
  }).join("");
}

function check(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && !RESERVED.has(name)) return;
  const state = RESERVED.has(name)
    ? "the shell has that word itself"
    : "it is no name of a pipeline";
  throw new UsageError(
    `Cannot write a function for "${name}" as its name: ${state}`,
    "pd alias k6",
  );
}
