import type { CommandDefinition } from "../../command.ts";
import type { CommandEntry } from "../../commands.ts";
import { buildList } from "./template/list.ts";

/** `pd repo template`: alone it is `pd repo template list`. */
export const definition: CommandDefinition = {
  name: "repo template",
  summary: "Share workflows between repositories",
  examples: [
    { run: "pd repo template add lint templates/lint", does: "store a version" },
    { run: "pd repo template attach lint shop", does: "each push of shop runs it" },
  ],
  subcommands: [
    subcommand("add", "Store a version of a template"),
    subcommand("list", "List templates"),
    subcommand("attach", "Let each push of a repository run a template"),
    subcommand("detach", "Let pushes of a repository run a template no more"),
  ],
  build: (command, cli) => buildList(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/repo/template/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./template/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
