import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { dataOption, serverOption, storageOption } from "./_flags.ts";

/** `pd repo hook` */
export const definition: CommandDefinition = {
  name: "repo hook",
  summary: "Print a post-receive hook that starts runs",
  examples: [
    { run: "pd repo hook shop > shop.git/hooks/post-receive", does: "then: chmod +x" },
    {
      run: "pd repo hook shop --call https://pd.example --token-file /etc/pd/token",
      does: "for another machine",
    },
  ],
  build: (command, cli) =>
    command
      .description(
        "Print a post-receive hook for the git repository: it calls the server for each branch and tag that was pushed, and shows the runs to whoever pushes. The token is read from a file or from PD_TOKEN when the hook runs; it is not in the script.",
      )
      .argument("<name>", "name of the repository")
      .option(
        "--call <url>",
        "address at which the hook reaches the server (default: that of --server, else http://127.0.0.1:9009)",
      )
      .option("--token-file <path>", "file with the token, on the machine of the hook", "pd-token")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (name, options) => {
        const { printHook } = await import("../../repositories/mod.ts");
        const { tokenFile, server, call = server ?? "http://127.0.0.1:9009" } = options;
        await printHook(cli, { name, tokenFile, to: call }, options);
      }) as CommandUnknownOpts,
};
