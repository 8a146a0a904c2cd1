import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { definition as check } from "./cluster/check.ts";

/** `pd cluster`: alone it is `pd cluster check`. */
export const definition: CommandDefinition = {
  name: "cluster",
  summary: "Check that a cluster is ready for workflows",
  examples: [
    { run: "pd cluster check", does: "the namespace of the current context" },
    { run: "pd cluster check --fix", does: "and create the namespace if it is missing" },
  ],
  subcommands: [
    subcommand("check", "Check that a cluster is ready for workflows"),
  ],
  build: (command, cli) => check.build(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/cluster/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./cluster/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
