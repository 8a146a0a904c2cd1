import { type CommandDefinition, createCommand } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import {
  type Candidate,
  type CompletableCommand,
  complete,
  inputCandidates,
  nodeCandidates,
  pathCandidates,
  type RunValues,
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
  const [folders, paths, nodes, inputs, runs, pipelines] = await Promise.all([
    pathCandidates(value, { cwd: io.cwd, files: false }),
    pathCandidates(value, { cwd: io.cwd, files: true }),
    verb === "test" ? nodeCandidates(value, io.cwd) : [],
    verb === "run" && target !== undefined ? inputCandidates(target, io.cwd) : [],
    verb === "runs" ? runValues(words.slice(1), io) : NO_RUNS,
    PIPELINE_VERBS.includes(verb) ? pipelineNames(words, io) : [],
  ]);
  const entries = await Promise.all(COMMANDS.map(withSubcommands));
  const commands = entries.flat().map((definition): CompletableCommand => {
    const { name, summary } = definition;
    const command = definition.build(createCommand(definition), UNUSED_CLI);
    addGlobalFlags(command);
    return { name, summary, command, inputs: name === "run" ? inputs : [] };
  });
  const values = { targets: [...folders, ...nodes], paths, pipelines, ...runs };
  io.stdout.write(complete(words.length === 0 ? [""] : words, commands, values));
}

/** A verb, and those below it. */
async function withSubcommands({ load }: CommandEntry): Promise<readonly CommandDefinition[]> {
  const { definition } = await load();
  const below = await Promise.all((definition.subcommands ?? []).map(withSubcommands));
  return [definition, ...below.flat()];
}

/** Ids of runs and the like. Nothing that goes wrong with a storage may be seen on the line that is typed. */
async function runValues(words: readonly string[], io: Io): Promise<RunValues> {
  const { runCandidates }: typeof import("./runs/mod.ts") = await import(
    new URL("./runs/mod.ts", import.meta.url).href
  );
  return await runCandidates(words, io).catch(() => NO_RUNS);
}

const PIPELINE_VERBS: readonly string[] = ["run", "pipelines", "alias", "secret"];

/** Names of stored pipelines, of the storage that is named. */
async function pipelineNames(words: readonly string[], io: Io): Promise<readonly Candidate[]> {
  const { pipelineCandidates }: typeof import("./stored/mod.ts") = await import(
    new URL("./stored/mod.ts", import.meta.url).href
  );
  const at = words.findIndex((word) => /^--storage(=|$)/.test(word));
  const word = words[at];
  const given = word === "--storage" ? words[at + 1] : word?.slice("--storage=".length);
  return await pipelineCandidates(given ?? io.env("PD_STORAGE"), io).catch(() => []);
}

const NO_RUNS: RunValues = { runs: [], nodes: [], workflows: [] };

/** Commands are built here to read their flags; no action runs. */
const UNUSED_CLI = {} as Cli;
