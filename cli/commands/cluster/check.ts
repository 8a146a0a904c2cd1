import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  CONTEXT_FLAG,
  KUBECONFIG_FLAG,
  readClusterFlags,
} from "../../cluster/read_cluster_flags.ts";
import type { CommandDefinition } from "../../command.ts";

// Computed, as the runtime loads what an import names literally.
const CHECK = new URL("../../cluster/check.ts", import.meta.url).href;

/** `pd cluster check` */
export const definition: CommandDefinition = {
  name: "cluster check",
  summary: "Check that a cluster is ready for workflows",
  examples: [
    { run: "pd cluster check", does: "the namespace of the current context" },
    { run: "pd cluster check -n batch --fix", does: "and create the namespace if it is missing" },
    { run: "pd cluster check -o json", does: "for a script; exit code 1 when it is not ready" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Check that a cluster is ready for workflows: that it answers, its version, the namespace and its pod security level, the RuntimeClass, and each right that deploying and running need. Each failed check comes with its remedy. A missing RuntimeClass is a warning.",
      )
      .option("--fix", "create a missing namespace, which enforces restricted pods")
      .option("--runtime-class <name>", 'RuntimeClass of the pods; "" for none', "gvisor")
      .option(...CONTEXT_FLAG)
      .option(...KUBECONFIG_FLAG)
      .action(async (options) => {
        const { check }: typeof import("../../cluster/check.ts") = await import(CHECK);
        await check(cli, {
          ...readClusterFlags(cli, options),
          fix: options.fix ?? false,
          runtimeClass: options.runtimeClass,
        });
      }) as CommandUnknownOpts,
};
