import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { buildList } from "./pipelines/list.ts";

/** `pd pipelines`: alone it is `pd pipelines list`. */
export const definition: CommandDefinition = {
  name: "pipelines",
  summary: "List, show, remove and roll back stored pipelines",
  examples: [
    { run: "pd pipelines", does: "what pd run finds by its name" },
    { run: "pd pipelines show k6", does: "its driver, source and files" },
    { run: "pd pipelines rollback k6", does: "the version before the newest again" },
  ],
  subcommands: [
    subcommand("list", "List stored pipelines and workflows"),
    subcommand("show", "Show a stored pipeline, its files and its code"),
    subcommand("history", "List the versions of a stored pipeline"),
    subcommand("rollback", "Make an older version the newest again"),
    subcommand("rm", "Remove stored pipelines with all their versions"),
  ],
  build: (command, cli) => buildList(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/pipelines/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./pipelines/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
