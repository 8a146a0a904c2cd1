import type { CommandDefinition } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { GLOBAL_VALUE_FLAGS } from "./global_flag_list.ts";
import type { Io } from "./terminal/mod.ts";

/** Reads the arguments, runs the command, prints its errors. Resolves to the exit code; never rejects. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const at = verbIndex(args);
  const verb = at === undefined ? undefined : args[at];
  const rest = args.filter((_, index) => index !== at);
  // What of them is pd's own: a pipeline's arguments say nothing about how pd prints.
  let own: readonly string[] = rest;
  try {
    if (verb === undefined || verb === "help") return await withoutVerb(rest, io);
    if (verb === "complete" && at === 0 && args[1] === "--") {
      // Computed, as in commands.ts: completions know the engine.
      const { completeWords }: typeof import("./complete_words.ts") = await import(
        new URL("./complete_words.ts", import.meta.url).href
      );
      await completeWords(args.slice(2), io);
      return 0;
    }
    const entry = COMMANDS.find(({ name }) => name === verb);
    if (entry === undefined) {
      const { unknownCommand } = await import("./unknown_command.ts");
      throw unknownCommand(verb);
    }
    const loaded = await entry.load();
    const { definition, words } = await chooseSubcommand(loaded.definition, rest, io);
    await using prepared = await definition.prepare?.(words, io);
    own = prepared?.words ?? rest;
    const { runCommand } = await import("./run_command.ts");
    return await runCommand(definition, prepared?.words ?? words, io, prepared);
  } catch (error) {
    const { reportError } = await import("./report_error.ts");
    return await reportError(error, own, io);
  }
}

/** `pd runs show ID` is the command `runs show` with `ID`; `pd runs` alone is `runs`. */
async function chooseSubcommand(
  definition: CommandDefinition,
  args: readonly string[],
  io: Io,
): Promise<{ readonly definition: CommandDefinition; readonly words: readonly string[] }> {
  const { subcommands } = definition;
  const at = subcommands === undefined ? undefined : verbIndex(args);
  if (subcommands === undefined || at === undefined) return { definition, words: args };
  const word = args[at] ?? "";
  const entry = subcommands.find(({ name }) => name === word);
  if (entry !== undefined) {
    const words = args.filter((_, index) => index !== at);
    return await chooseSubcommand((await entry.load()).definition, words, io);
  }
  const { checkSubcommand } = await import("./unknown_command.ts");
  await checkSubcommand(word, definition, io.cwd);
  return { definition, words: args };
}

/** Where the verb stands: the first word that is neither a flag nor the value of a global one. */
function verbIndex(args: readonly string[]): number | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (GLOBAL_VALUE_FLAGS.includes(arg)) i++;
    else if (!arg.startsWith("-")) return i;
  }
  return undefined;
}

/** `pd`, `pd --help`, `pd help <verb>`, `pd --version`. */
async function withoutVerb(rest: readonly string[], io: Io): Promise<number> {
  if (rest.includes("--version") || rest.includes("-V")) {
    return await runCli(["version", ...rest.filter((arg) => !/^(--version|-V)$/.test(arg))], io);
  }
  const at = verbIndex(rest);
  if (at !== undefined) return await runCli([...rest, "--help"], io);
  const unknown = rest.find((arg, index) =>
    arg !== "--help" && arg !== "-h" && !isGlobalFlag(arg) &&
    !GLOBAL_VALUE_FLAGS.includes(rest[index - 1] ?? "")
  );
  if (unknown !== undefined) {
    const { unknownRootFlag } = await import("./unknown_command.ts");
    throw unknownRootFlag(unknown);
  }
  const { rootHelp } = await import("./root_help.ts");
  const isJson = (await import("./report_error.ts")).wantsJson(rest, io);
  io.stdout.write(isJson ? `${JSON.stringify({ help: rootHelp() }, null, 2)}\n` : rootHelp());
  return 0;
}

function isGlobalFlag(arg: string): boolean {
  return ["-q", "--quiet", "-v", "--verbose", "--no-color"].includes(arg) ||
    GLOBAL_VALUE_FLAGS.includes(arg.split("=", 1)[0] ?? arg);
}
