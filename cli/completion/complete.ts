import { RootCommand } from "@bomb.sh/tab";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Candidate } from "./candidates.ts";
import { captured } from "./scripts.ts";

/** A verb with its flags, as completions see it. */
export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly command: CommandUnknownOpts;
  /** Flags beyond those of pd: the inputs of the workflow that is named. */
  readonly inputs: readonly Candidate[];
}

/** What the storage of runs knows. */
export interface RunValues {
  /** Ids. */
  readonly runs: readonly Candidate[];
  /** Nodes of the run that is named. */
  readonly nodes: readonly Candidate[];
  readonly workflows: readonly Candidate[];
}

/** What completes a word. */
export interface CompletionValues extends RunValues {
  /** Names of stored pipelines and workflows. */
  readonly pipelines: readonly Candidate[];
  /** For the arguments of a command. */
  readonly targets: readonly Candidate[];
  /** For flags that take a path. */
  readonly paths: readonly Candidate[];
}

/**
 * Answers a shell that asks how `words` go on, the last one being typed: a candidate a line with its
 * description after a tab, then a directive.
 */
export function complete(
  words: readonly string[],
  commands: readonly CompletableCommand[],
  values: CompletionValues,
): string {
  const root = new RootCommand();
  for (const { name, summary, command, inputs } of commands) {
    const known = root.command(name, summary);
    for (const option of command.options) {
      const long = option.long?.slice(2);
      if (long === undefined) continue;
      const short = option.short?.slice(1);
      const choices = option.argChoices ?? knownValues(long);
      const wantsValue = option.required || option.optional;
      if (!wantsValue) {
        known.option(long, option.description, short ?? "");
        continue;
      }
      known.option(long, option.description, (offer) => {
        const known = valuesOf(option.flags, values, long);
        if (choices !== undefined) { for (const choice of choices) offer(choice, ""); }
        else if (known !== undefined) offerAll(known, offer);
        else if (/file|path|folder|json/.test(option.flags)) offerAll(values.paths, offer);
      }, short ?? "");
    }
    for (const { value, description } of inputs) known.option(value, description, () => {});
    known.option("help", "show this help");
    for (const argument of command.registeredArguments) {
      known.argument(argument.name(), (offer) => {
        if (argument.name() === "id") return offerAll(values.runs, offer);
        if (argument.name() === "pipeline") return offerAll(values.pipelines, offer);
        if (argument.name() === "path") return offerAll(values.paths, offer);
        if (name === "run") offerAll(values.pipelines, offer);
        if (argument.argChoices === undefined) return offerAll(values.targets, offer);
        for (const choice of argument.argChoices) offer(choice, "");
      }, argument.variadic);
    }
  }
  return captured(() => root.parse([...words]));
}

/** By what the flag's value is called in the help. */
function valuesOf(
  flags: string,
  values: CompletionValues,
  long: string,
): readonly Candidate[] | undefined {
  switch (flags.match(/<(\w+)>/)?.[1]) {
    case "id":
      return values.runs;
    case "node":
      return values.nodes;
    case "workflow":
      return values.workflows;
    case "pipeline":
      return values.pipelines;
    case "address":
      return ADDRESSES[long] ?? [];
    case "status":
      return STATUSES;
    default:
      return undefined;
  }
}

/** How addresses begin. */
const ADDRESSES: { readonly [flag: string]: readonly Candidate[] | undefined } = {
  driver: [
    { value: "native", description: "processes of this machine" },
    { value: "docker", description: "containers of Docker" },
    { value: "podman", description: "containers of Podman" },
    { value: "k8s", description: "pods of a Kubernetes cluster" },
  ],
  secrets: [{ value: "local://", description: "an encrypted file" }],
};

const STATUSES: readonly Candidate[] = [
  { value: "queued", description: "waits for its turn" },
  { value: "running", description: "its nodes run" },
  { value: "succeeded", description: "all nodes are done" },
  { value: "failed", description: "a node failed for good" },
  { value: "cancelled", description: "somebody stopped it" },
  { value: "interrupted", description: "its engine ended while it ran" },
];

/** `-o` of a command that takes a file there still takes these words. */
function knownValues(long: string): readonly string[] | undefined {
  return long === "output" ? ["text", "json"] : undefined;
}

function offerAll(
  candidates: readonly Candidate[],
  offer: (value: string, description: string) => void,
): void {
  for (const { value, description } of candidates) offer(value, description);
}
