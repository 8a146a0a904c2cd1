import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";

/** `pd set-pipeline` */
export const definition: CommandDefinition = {
  name: "set-pipeline",
  summary: "Store a pipeline or workflow to run it by its name",
  examples: [
    { run: "pd set-pipeline k6.ts", does: "the pipeline in that file, as k6" },
    {
      run: "pd set-pipeline tools/k6.ts --name load-test --driver docker",
      does: "under another name, to run in Docker unless told otherwise",
    },
    { run: "pd set-pipeline examples/hn-digest", does: "a workflow with its nodes" },
  ],
  build: (command, cli) =>
    command
      .usage("<path> [flags]")
      .description(
        "Store a pipeline with what it imports, or the folder of a workflow, so that pd run finds it by its name from anywhere. The same name again makes a new version of it.",
      )
      .argument("<path>", "a pipeline's .ts file, or the folder of a workflow")
      .option("--name <name>", "kebab-case; the file's or workflow's own by default")
      .option("--driver <address>", "where its containers run: native, docker, podman, k8s://…")
      .option("--storage <url>", "where it is kept: sqlite:///path, postgres://…")
      .action(async (path, options) => {
        const { setPipeline } = await import("../stored/mod.ts");
        await setPipeline(cli, {
          path,
          name: options.name,
          driver: options.driver,
          storage: options.storage,
        });
      }) as CommandUnknownOpts,
};
