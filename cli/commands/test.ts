import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";

/** `pd test` */
export const definition: CommandDefinition = {
  name: "test",
  summary: "Run the fixtures of a workflow",
  examples: [
    { run: "pd test", does: "every fixture under tests/fixtures" },
    { run: "pd test examples/hn-digest/filter", does: "the fixtures of one node" },
    { run: "pd test . --pipeline", does: "the whole workflow" },
    { run: "pd test . --update", does: "write what came into the fixtures" },
    { run: "pd test . --junit report.xml", does: "a report for CI" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Run the fixtures of a workflow: tests/fixtures/<node>.json or <node>.<case>.json. Nodes run with their own rights, without a network. Exits with 1 when one fails.",
      )
      .argument("[target]", "folder of a workflow, or folder/node", ".")
      .option("--pipeline", "run the whole workflow only")
      .option("--update", "write the actual output into fixtures that do not match")
      .option("--junit <file>", "write a JUnit report too")
      .option("--record", "run the workflow for real first, and save its HTTP exchanges")
      .option("--replay", "run the whole workflow, answered from testdata/http")
      .option("--driver <address>", "where containers run: native, docker, podman, k8s://…")
      .option("--coverage", "fail when a node has no fixture")
      .action(async (target, options) => {
        const { testTarget } = await import("../test_target.ts");
        await testTarget(cli, {
          target,
          pipeline: options.pipeline ?? false,
          update: options.update ?? false,
          junit: options.junit === undefined ? undefined : cli.resolve(options.junit),
          record: options.record ?? false,
          replay: options.replay ?? false,
          coverage: options.coverage ?? false,
          driver: options.driver,
        });
      }) as CommandUnknownOpts,
};
