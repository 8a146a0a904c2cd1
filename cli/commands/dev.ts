import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";
import { checkOtel, otelOption } from "../otel_flag.ts";
import { readInteger } from "../read_integer.ts";

/** `pd dev` */
export const definition: CommandDefinition = {
  name: "dev",
  summary: "Serve a workflow and reload it on change",
  examples: [
    { run: "pd dev", does: "this folder's workflow at http://127.0.0.1:8080" },
    { run: "pd dev examples/hn-digest --port 9000", does: "another one, elsewhere" },
    { run: "pd dev . --no-watch", does: "without reloading" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Serve a workflow over HTTP on this machine, and reload it when a file of it changes. An edit that breaks it is reported, and the old version goes on. Ctrl-C stops it.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("--port <number>", "port to listen on; 0 picks a free one", readPort, 8080)
      .option("--host <address>", "address to listen on", "127.0.0.1")
      .option("--watch", "reload when a file changes", true)
      .option("--no-watch", "do not reload")
      .option("--secrets <path>", "secrets from this file or folder alone")
      .option("--driver <address>", "where containers run: native, docker, podman, k8s://…")
      .option("--storage <url>", "where runs are kept: sqlite:///path, postgres://…, memory:")
      .option("--replay", "answer HTTP requests from testdata/http")
      .option("--insecure-webhooks", "let anybody start runs by webhooks without verify")
      .addOption(otelOption())
      .addOption(
        new Option("--log <format>", "lines on stderr: for people, or for a collector")
          .choices(["text", "json"] as const).default("text" as const),
      )
      .action(async (dir, options) => {
        checkOtel(options.otel, { env: cli.io.env, command: `pd dev ${dir}` });
        const { serveTarget } = await import("../serve_target.ts");
        await serveTarget(cli, {
          target: dir,
          port: options.port,
          log: options.log,
          host: options.host,
          watch: options.watch,
          storage: options.storage,
          driver: options.driver,
          replay: options.replay ?? false,
          insecureWebhooks: options.insecureWebhooks ?? false,
          secretsPath: options.secrets === undefined ? undefined : cli.resolve(options.secrets),
        });
      }) as CommandUnknownOpts,
};

function readPort(text: string): number {
  return readInteger(text, { flag: "--port", min: 0, max: 65535 });
}
