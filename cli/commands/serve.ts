import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";
import { checkOtel, otelOption } from "../otel_flag.ts";
import { readInteger } from "../read_integer.ts";
import { UsageError } from "../usage_error.ts";

const SERVE = new URL("../serve/mod.ts", import.meta.url).href;

/** `pd serve` */
export const definition: CommandDefinition = {
  name: "serve",
  summary: "Serve many workflows behind one authenticated API",
  examples: [
    { run: "pd serve", does: "all workflows below this folder at http://127.0.0.1:9009" },
    { run: "pd serve --path pipelines --address :9009", does: "to other machines too" },
    { run: "pd serve --storage postgres://ci@db/runs", does: "runs kept in PostgreSQL" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Serve all workflows below a folder, stored ones and those of pipelines.yml files behind one API: they are started by request, schedule and push, queued, and shown on a page. Every caller needs a token: pd token create. Ctrl-C lets what runs come to its end, a second one interrupts it.",
      )
      .option("--path <folder>", "where workflows are looked for", ".")
      .option(
        "--pattern <glob>",
        "which files hold pipelines as prunner has them",
        "**/pipelines.{yml,yaml}",
      )
      .option("--storage <url>", "where runs are kept: sqlite:///path, postgres://…, memory:")
      .option("--data <folder>", "the server's own files: runs, its lock", ".pd")
      .option("--address <host:port>", "address to listen on", "127.0.0.1:9009")
      .option("--jwt-secret <text>", "what tokens are signed with, in place of that of --config")
      .option("--config <file>", "file with jwt_secret: .prunner.yml, else .pd/config.yaml")
      .option("--secrets <path>", "secrets of workflows from this file or folder alone")
      .option(
        "--shutdown-timeout <duration>",
        "how long runs may go on after Ctrl-C",
        "5m",
      )
      .option("--env-files <names>", "variables for scripts, by commas", ".env,.env.local")
      .option("--watch", "load workflows again when files change", true)
      .option("--no-watch", "load them again on SIGUSR1 only")
      .option("--poll-interval <duration>", "look at files so often too", "30s")
      .option("--insecure-webhooks", "let anybody start runs by webhooks without verify")
      .option(
        "--rate-limit <number>",
        "requests in a second that one caller may go on with; 0 for any number",
        readRate,
        500,
      )
      .addOption(otelOption())
      .addOption(new Option("--disable-ansi", "no colours, as prunner calls it").hideHelp())
      .addOption(
        new Option("--log <format>", "lines on stderr: for people, or for a collector")
          .choices(["text", "json"] as const).default("text" as const),
      )
      .action(async (given, self) => {
        checkOtel(given.otel, { env: cli.io.env, command: "pd serve" });
        const { prunnerEnvironment, serveMany }: typeof import("../serve/mod.ts") = await import(
          SERVE
        );
        const { parseDuration } = await import("../../engine/units/mod.ts");
        const own = prunnerEnvironment(self as CommandUnknownOpts, cli.io.env);
        const options = { ...given, ...own };
        function duration(flag: string, text: string): number {
          const ms = parseDuration(text);
          if (ms !== undefined) return ms;
          throw new UsageError(
            `Cannot use ${flag} "${text}" as it is a duration`,
            `${flag} 30s`,
          );
        }
        await serveMany(cli, {
          path: cli.resolve(options.path),
          pattern: options.pattern,
          data: cli.resolve(options.data),
          storage: options.storage,
          address: options.address,
          jwtSecret: options.jwtSecret,
          config: options.config,
          secretsPath: options.secrets === undefined ? undefined : cli.resolve(options.secrets),
          shutdownMs: duration("--shutdown-timeout", options.shutdownTimeout),
          envFiles: options.envFiles.split(",").map((name) => name.trim()).filter(Boolean),
          watch: own["watch"] === undefined ? given.watch : /^(1|true|yes|on)$/i.test(own["watch"]),
          pollMs: Math.max(1000, duration("--poll-interval", options.pollInterval)),
          insecureWebhooks: options.insecureWebhooks ?? false,
          requestsPerSecond: options.rateLimit,
          log: options.log,
        });
      }) as CommandUnknownOpts,
};

function readRate(text: string): number {
  return readInteger(text, { flag: "--rate-limit", min: 0, max: 1_000_000 });
}
