import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { buildCreate } from "./token/create.ts";

/** `pd token`: alone it is `pd token create`. */
export const definition: CommandDefinition = {
  name: "token",
  summary: "Make and check tokens for pd serve",
  examples: [
    {
      run: "pd token create --sub ann --scope run --ttl 8h",
      does: "prints a token, and nothing else",
    },
    { run: "pd token show $TOKEN", does: "what a token says, and whether it counts" },
  ],
  subcommands: [
    subcommand("create", "Make a token"),
    subcommand("show", "Show what a token says, and whether it counts"),
  ],
  build: (command, cli) => buildCreate(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/token/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./token/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
