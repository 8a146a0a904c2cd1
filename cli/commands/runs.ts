import type { CommandDefinition } from "../command.ts";
import type { CommandEntry } from "../commands.ts";
import { buildList } from "./runs/list.ts";

/** `pd runs`: alone it is `pd runs list`. */
export const definition: CommandDefinition = {
  name: "runs",
  summary: "List, show, follow, cancel, resume and retry runs",
  examples: [
    { run: "pd runs", does: "the newest runs of this folder's workflow" },
    {
      run: "pd runs --all --status failed --since 24h",
      does: "what failed lately, of all workflows",
    },
    { run: "pd runs show latest", does: "its nodes, times, attempts and errors" },
    { run: "pd runs logs latest -f", does: "what its nodes log, as it comes" },
  ],
  subcommands: [
    subcommand("list", "List runs, newest first"),
    subcommand("show", "Show the nodes, times, attempts and errors of a run"),
    subcommand("logs", "Print what the nodes of a run logged"),
    subcommand("cancel", "Cancel runs, and wait until they are over"),
    subcommand("resume", "Go on with runs whose engine has ended"),
    subcommand("retry", "Run again with the input of an earlier run"),
    subcommand("rm", "Delete runs that are over"),
  ],
  build: (command, cli) => buildList(command.usage("[command] [dir] [flags]"), cli),
};

/** The module of a verb below is `commands/runs/<verb>.ts`. */
function subcommand(name: string, summary: string): CommandEntry {
  const url = new URL(`./runs/${name}.ts`, import.meta.url).href;
  return { name, summary, load: () => import(url) };
}
