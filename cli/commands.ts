import type { CommandDefinition } from "./command.ts";

/** A line of the contents page. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The module is loaded when its verb is called, and no other. */
  load(): Promise<{ readonly definition: CommandDefinition }>;
}

/** Every verb of `pd`, in the order of the help. A new one gets its line here and a file of its own. */
export const COMMANDS: readonly CommandEntry[] = [
  command("init", "Create a workflow that runs at once"),
  command("validate", "Report every problem in a workflow"),
  command("run", "Run a workflow or pipeline and print its output"),
  command("set-pipeline", "Store a pipeline or workflow to run it by its name"),
  command("pipelines", "List, show, remove and roll back stored pipelines"),
  command("alias", "Print shell functions that run pipelines by their bare name"),
  command("secret", "Set, list and remove secrets in an encrypted file"),
  command("dev", "Serve a workflow and reload it on change"),
  command("serve", "Serve many workflows behind one authenticated API"),
  command("token", "Make and check tokens for pd serve"),
  command("repo", "Run the commits of git repositories by pd serve"),
  command("dlq", "List, show and replay messages that were given up"),
  command("test", "Run the fixtures of a workflow"),
  command("build", "Make a locked, reproducible image of a workflow"),
  command("deploy", "Put a workflow on Kubernetes"),
  command("status", "Show how a deployed workflow is"),
  command("logs", "Print the log of a deployed workflow"),
  command("list", "List deployed workflows"),
  command("versions", "List the versions of a deployed workflow"),
  command("rollback", "Bring back an older version of a deployed workflow"),
  command("undeploy", "Remove a deployed workflow from its cluster"),
  command("cluster", "Check that a cluster is ready for workflows"),
  command("visualize", "Draw the graph of a workflow"),
  command("schedule", "Show when a workflow runs next"),
  command("runs", "List, show, follow, cancel, resume and retry runs"),
  command("schema", "Print the JSON Schema of workflow.yaml"),
  command("completions", "Print shell completions"),
  command("doctor", "Check that this machine has what pd needs"),
  command("version", "Print the versions of pd and its parts"),
];

/** The module of a verb is `commands/<verb>.ts`. */
function command(name: string, summary: string): CommandEntry {
  // The runtime looks through every import that it can read, also one that is never made. A computed one
  // keeps the engine out of the way of `pd version`: 67 ms of processor time with it, 55 without.
  const url = new URL(`./commands/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
