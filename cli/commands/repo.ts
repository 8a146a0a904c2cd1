import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { buildList } from "./repo/list.ts";

/** `pd repo`: alone it is `pd repo list`. */
export const definition: CommandDefinition = {
  name: "repo",
  summary: "Run the commits of git repositories by pd serve",
  examples: [
    { run: "pd repo", does: "the repositories that there are" },
    { run: "pd repo add shop --git git@host:team/shop.git --workflow ci", does: "one more" },
    { run: "pd repo hook shop > shop.git/hooks/post-receive", does: "a push starts runs" },
  ],
  subcommands: [
    subcommand("add", "Add a repository whose commits are run"),
    subcommand("list", "List repositories"),
    subcommand("show", "Show a repository, its templates and its last problem"),
    subcommand("rm", "Remove repositories; their runs stay"),
    subcommand("hook", "Print a post-receive hook that starts runs"),
    subcommand("template", "Share workflows between repositories"),
  ],
  build: (command, cli) => buildList(command.usage("[command] [flags]"), cli),
};

/** The module of a verb below is `commands/repo/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./repo/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
