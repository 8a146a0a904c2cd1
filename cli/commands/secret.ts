import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { buildList } from "./secret/list.ts";

/** `pd secret`: alone it is `pd secret list`. */
export const definition: CommandDefinition = {
  name: "secret",
  summary: "Set, list and remove secrets in an encrypted file",
  examples: [
    { run: "pd secret set API_TOKEN", does: "asks for the value; it is not shown" },
    { run: "pd secret list --secrets local://./secrets.pd", does: "their names, never a value" },
  ],
  subcommands: [
    subcommand("set", "Set a secret: from standard input, a question or a file"),
    subcommand("list", "List the names of secrets"),
    subcommand("rm", "Remove a secret"),
  ],
  build: (command, cli) => buildList(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/secret/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./secret/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
