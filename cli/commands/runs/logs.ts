import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { storageOption } from "./_flags.ts";

/** `pd runs logs` */
export const definition: CommandDefinition = {
  name: "runs logs",
  summary: "Print what the nodes of a run logged",
  examples: [
    { run: "pd runs logs latest", does: "all lines so far" },
    { run: "pd runs logs latest -f", does: "and those that come, until the run is over" },
    { run: "pd runs logs latest --node fetch", does: "of one node" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Print what the nodes of a run logged: time, level, node, message. With -f it follows a run of any process until that is over. With -o json it is one document of all lines.",
      )
      .argument("<id>", "a run: its id or the beginning of it, latest, latest:failed")
      .option("-f, --follow", "go on until the run is over")
      .option("--node <node>", "of this node alone")
      .addOption(storageOption())
      .action(async (id, options) => {
        const { printLog } = await import("../../runs/mod.ts");
        await printLog(cli, {
          id,
          follow: options.follow ?? false,
          node: options.node,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};
