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
  entry("init", "Create a workflow that runs at once", () => import("./commands/init.ts")),
  entry("validate", "Report every problem in a workflow", () => import("./commands/validate.ts")),
  entry("run", "Run a workflow and print its output", () => import("./commands/run.ts")),
  entry("dev", "Serve a workflow and reload it on change", () => import("./commands/dev.ts")),
  entry("test", "Run the fixtures of a workflow", () => import("./commands/test.ts")),
  entry("visualize", "Draw the graph of a workflow", () => import("./commands/visualize.ts")),
  entry("schema", "Print the JSON Schema of workflow.yaml", () => import("./commands/schema.ts")),
  entry("completions", "Print shell completions", () => import("./commands/completions.ts")),
  entry(
    "doctor",
    "Check that this machine has what pd needs",
    () => import("./commands/doctor.ts"),
  ),
  entry("version", "Print the versions of pd and its parts", () => import("./commands/version.ts")),
];

function entry(name: string, summary: string, load: CommandEntry["load"]): CommandEntry {
  return { name, summary, load };
}
