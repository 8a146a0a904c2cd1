import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../../cli.ts";
import type { CommandDefinition } from "../../command.ts";
import { readInteger } from "../../read_integer.ts";
import { UsageError } from "../../usage_error.ts";
import { storageOption } from "./_flags.ts";

/** `pd runs list` */
export const definition: CommandDefinition = {
  name: "runs list",
  summary: "List runs, newest first",
  examples: [
    { run: "pd runs list", does: "of this folder's workflow; of all where there is none" },
    { run: "pd runs list ../digest --limit 10", does: "of another folder" },
    { run: "pd runs list --all --status failed,interrupted", does: "what needs a look" },
    {
      run: "pd runs list --since 2h -o json",
      does: "full records, and where the next page begins",
    },
  ],
  build: buildList,
};

/** Arguments, flags and action of the list, which is also what `pd runs` alone does. */
export function buildList(command: Command, cli: Cli): CommandUnknownOpts {
  return command
    .description(
      "List runs, newest first. A run may be named by the short id that is shown, by any other beginning of its id that is its own, or as latest and latest:failed.",
    )
    .argument("[dir]", "folder of a workflow, or a workflow.yaml")
    .option("--all", "of every workflow in the storage")
    .option("--status <status>", "only these, with commas: failed,cancelled")
    .option("--workflow <workflow>", "only of workflows with this name")
    .option("--since <time>", "only those accepted since: 2h, 7d, 2026-01-31T09:00")
    .option("--until <time>", "only those accepted until then, as --since")
    .option("--limit <number>", "as many at the most", readLimit, 50)
    .option("--before <id>", "only those before this run: the next page")
    .addOption(storageOption())
    .action(async (dir, options) => {
      if (options.all && dir !== undefined) throw bothWays(dir);
      const { listRuns } = await import("../../runs/mod.ts");
      await listRuns(cli, {
        dir,
        all: options.all ?? false,
        status: options.status,
        workflow: options.workflow,
        since: options.since,
        until: options.until,
        before: options.before,
        limit: options.limit,
        storage: options.storage,
      });
    }) as CommandUnknownOpts;
}

function readLimit(text: string): number {
  return readInteger(text, { flag: "--limit", min: 1, max: 999 });
}

function bothWays(dir: string): UsageError {
  return new UsageError(
    `Cannot use --all with "${dir}" as it means every folder`,
    `pd runs list ${dir}`,
  );
}
