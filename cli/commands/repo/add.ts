import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../../command.ts";
import { dataOption, serverOption, storageOption } from "./_flags.ts";

/** `pd repo add` */
export const definition: CommandDefinition = {
  name: "repo add",
  summary: "Add a repository whose commits are run",
  examples: [
    {
      run: "pd repo add shop --git git@host:team/shop.git --workflow ci",
      does: "its folder ci has a workflow.yaml",
    },
    {
      run: "pd repo add shop --git /srv/git/shop.git --workflow ci --secret-from file:/etc/pd/shop",
      does: "with push webhooks",
    },
  ],
  build: (command, cli) =>
    command
      .description(
        "Add a git repository. Each push runs the workflow that the pushed commit has at --workflow, and the templates that are attached. Without --workflow it is templates alone. Nothing is fetched before the first run.",
      )
      .argument("<name>", "kebab-case: its workflow is repo:<name>")
      .requiredOption("--git <url>", "https, ssh, git or file, git@host:path, or a path")
      .option(
        "--workflow <path>",
        "folder with a workflow.yaml, or workflow file, in the repository",
      )
      .option("--branch <name>", "what is run when nobody names a commit", "main")
      .option(
        "--secret-from <place>",
        "secret of push webhooks: file:/path or env:NAME of the server",
      )
      .option("--replace", "in the place of one of this name; its templates stay attached")
      .addOption(dataOption())
      .addOption(storageOption())
      .addOption(serverOption())
      .action(async (name, options) => {
        const { addRepository } = await import("../../repositories/mod.ts");
        const { git: url, workflow, branch, secretFrom, replace: replaces = false } = options;
        await addRepository(cli, { name, url, workflow, branch, secretFrom, replaces }, options);
      }) as CommandUnknownOpts,
};
