import { COMMANDS } from "./commands.ts";
import { createCommand } from "./command.ts";
import {
  type CompletableCommand,
  complete,
  inputCandidates,
  nodeCandidates,
  pathCandidates,
} from "./completion/mod.ts";
import { addGlobalFlags } from "./global_flags.ts";
import type { Cli } from "./cli.ts";
import type { Io } from "./terminal/mod.ts";

/** Answers `pd complete -- WORDS…`, which completion scripts call. */
export async function completeWords(words: readonly string[], io: Io): Promise<void> {
  const verb = words[0] ?? "";
  const typed = words.at(-1) ?? "";
  const value = typed.includes("=") ? typed.slice(typed.indexOf("=") + 1) : typed;
  const target = words.slice(1, -1).find((word) => !word.startsWith("-"));
  const [folders, paths, nodes, inputs] = await Promise.all([
    pathCandidates(value, { cwd: io.cwd, files: false }),
    pathCandidates(value, { cwd: io.cwd, files: true }),
    verb === "test" ? nodeCandidates(value, io.cwd) : [],
    verb === "run" && target !== undefined ? inputCandidates(target, io.cwd) : [],
  ]);
  const commands = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }): Promise<CompletableCommand> => {
      const { definition } = await load();
      const command = definition.build(createCommand(definition), UNUSED_CLI);
      addGlobalFlags(command);
      return { name, summary, command, inputs: name === "run" ? inputs : [] };
    }),
  );
  const targets = [...folders, ...nodes];
  io.stdout.write(complete(words.length === 0 ? [""] : words, commands, { targets, paths }));
}

/** Commands are built here to read their flags; no action runs. */
const UNUSED_CLI = {} as Cli;
