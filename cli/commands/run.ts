import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../cli.ts";
import type { RunDeployedRequest } from "../cluster/run_deployed_target.ts";
import type { CommandDefinition } from "../command.ts";
import { checkOtel, otelOption } from "../otel_flag.ts";
import { UsageError } from "../usage_error.ts";

// Computed, as the runtime loads what an import names literally: a run needs one of them.
const PIPELINES = new URL("../pipelines/mod.ts", import.meta.url).href;
const RUN_TARGET = new URL("../run_target.ts", import.meta.url).href;
const RUN_IF_DEPLOYED = new URL("../cluster/run_if_deployed.ts", import.meta.url).href;
const DEPLOYED_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const RUN_DEPLOYED = new URL("../cluster/run_deployed_target.ts", import.meta.url).href;
const REMOTE = new URL("../remote/mod.ts", import.meta.url).href;
const SPEC = new URL("../../engine/spec/mod.ts", import.meta.url).href;

/** `pd run` */
export const definition: CommandDefinition = {
  name: "run",
  summary: "Run a workflow or pipeline and print its output",
  examples: [
    { run: "pd run .", does: "the workflow in this folder" },
    {
      run: "pd run examples/hn-digest --replay",
      does: "answered by its recordings, without a network",
    },
    { run: "pd run . --topic deno", does: "an input that the workflow declares, as a flag" },
    { run: `echo '{"topic": "deno"}' | pd run . --input -`, does: "the whole input from a pipe" },
    {
      run: "pd run k6 run --vus=10 script.js",
      does: "a stored pipeline: what follows its name is its own",
    },
    {
      run: "pd run --driver native k6 --version",
      does: "flags of pd stand before the name",
    },
  ],
  build: (command, cli) =>
    withContainerFlags(
      command
        .usage("<target> [flags]")
        .description(
          "Run a workflow and print the output of its last node: a string as text, anything else as JSON, several last nodes as one object. Progress and logs go to stderr. A pipeline runs as if it were a program of this machine: its arguments follow its name as they are, its streams go where its steps write, and its exit code is theirs.",
        )
        .argument("[target]", "folder of a workflow, a workflow.yaml, or a pipeline's name")
        .option("--input <json>", "the input: JSON, @file, or - for standard input")
        .option(
          "-i, --set <name=value>",
          "one input; name:=JSON for a value that is no string (repeatable)",
          collect,
        )
        .option("--storage <url>", "where the run is kept: sqlite:///path, postgres://…, memory:")
        .option("--replay", "answer HTTP requests from testdata/http")
        .option("--record", "save HTTP exchanges to testdata/http")
        .option("--timeout <duration>", "cancel the run after this long, such as 30s or 5m")
        .option("--deployed", "what is deployed to the current Kubernetes context")
        .option(
          "--via <way>",
          "how a deployed workflow is reached: proxy, or pod for one of its own",
        )
        .option("--context <name>", "context of the kubeconfig, for --deployed")
        .option("--kubeconfig <path>", "kubeconfig file, for --deployed")
        .option("--server <url>", "what a pd serve at this address has")
        .option("--token <text>", "token for --server; PD_TOKEN keeps it off the command line")
        .addOption(otelOption()),
    )
      .allowUnknownOption()
      .allowExcessArguments()
      .action(async (given, options, self) => {
        const { readTimeout } = await import("../read_timeout.ts");
        const deployed = (name: string): RunDeployedRequest => ({
          name,
          input: options.input,
          pairs: options.set ?? [],
          timeoutMs: options.timeout === undefined ? undefined : readTimeout(options.timeout),
          via: options.via,
          context: options.context,
          kubeconfig: options.kubeconfig === undefined
            ? undefined
            : cli.resolve(options.kubeconfig),
        });
        if (options.deployed) {
          const { runDeployedTarget }: typeof import("../cluster/run_deployed_target.ts") =
            await import(RUN_DEPLOYED);
          await runDeployedTarget(cli, deployed(checkTarget(given)));
          return;
        }
        if (options.server !== undefined) {
          const { runRemoteTarget }: typeof import("../remote/mod.ts") = await import(REMOTE);
          await runRemoteTarget(cli, {
            server: options.server,
            token: options.token,
            name: checkTarget(given),
            words: self.args.slice(1),
            flags: self.options.flatMap((option) => option.long ?? []),
            input: options.input,
            pairs: options.set ?? [],
            timeoutMs: options.timeout === undefined ? undefined : readTimeout(options.timeout),
          });
          return;
        }
        if (options.replay && options.record) throw bothWays();
        const target = checkTarget(given);
        checkOtel(options.otel, { env: cli.io.env, command: `pd run ${target}` });
        const { readSecretsFlag } = await import("../target_request.ts");
        const request = {
          target,
          ...readSecretsFlag(options.secrets, cli.resolve),
          secrets: options.secret ?? [],
          globalSecrets: options.globalSecret ?? [],
          storage: options.storage,
          driver: options.driver,
          workdir: options.workdir,
          include: options.include ?? [],
          ignore: options.ignore ?? [],
          outputDir: options.outputDir === undefined ? undefined : cli.resolve(options.outputDir),
          replay: options.replay ?? false,
          record: options.record ?? false,
        };
        const timeoutMs = options.timeout === undefined ? undefined : readTimeout(options.timeout);
        const found = cli.prepared?.found;
        if (found?.kind === "missing") {
          // What is no name, such as a path, is deployed nowhere.
          if (!DEPLOYED_NAME.test(target)) throw found.error;
          const { runIfDeployed }: typeof import("../cluster/run_if_deployed.ts") = await import(
            RUN_IF_DEPLOYED
          );
          await runIfDeployed(cli, deployed(target), found.error);
          return;
        }
        if (found?.kind === "pipeline") {
          refuseInputs(target, options);
          const { runPipeline }: typeof import("../pipelines/mod.ts") = await import(PIPELINES);
          await runPipeline(cli, { ...found, target: request, timeoutMs });
          return;
        }
        const { runTarget }: typeof import("../run_target.ts") = await import(RUN_TARGET);
        await runTarget(cli, {
          ...request,
          words: self.args.slice(1),
          flags: self.options.flatMap((option) => option.long ?? []),
          input: options.input,
          pairs: options.set ?? [],
          timeoutMs,
        });
      }) as CommandUnknownOpts,
  async prepare(args, io) {
    return await (await import("../head_start.ts")).prepareRun(args, io);
  },
  moreHelp: inputsOf,
};

/** Flags about what runs in containers. */
function withContainerFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
) {
  return command
    .option("--driver <address>", "where containers run: native, docker, podman, k8s://…")
    .option("--secrets <path>", "secrets from this file or folder alone, or kept at local://path")
    .option(
      "-e, --secret <key=value>",
      "a secret of the target: K=V, K=@file, or K as it is in the environment (repeatable)",
      collect,
    )
    .option(
      "--global-secret <key=value>",
      "the same, for what has no secret of that key (repeatable)",
      collect,
    )
    .option(
      "--no-workdir",
      "begin with an empty workspace, not with the files of the current folder",
    )
    .option(
      "--include <pattern>",
      "files for the workspace that would be left out (repeatable)",
      collect,
    )
    .option("--ignore <pattern>", "files to leave out of the workspace (repeatable)", collect)
    .option("--output-dir <folder>", "where the volume output goes");
}

function collect(value: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), value];
}

function checkTarget(target: string | undefined): string {
  if (target === undefined) {
    throw new UsageError(`Cannot run "pd run" as it needs a target: none was given`, "pd run .");
  }
  if (target.startsWith("-")) {
    throw new UsageError(
      `Cannot read "${target}" as the target comes first: the flags of a workflow are known by it`,
      `pd run . ${target}`,
    );
  }
  return target;
}

function bothWays(): UsageError {
  return new UsageError(
    "Cannot use --replay with --record as requests are either answered or sent",
    "pd run . --record",
  );
}

/** Its arguments are a pipeline's whole input. */
function refuseInputs(
  target: string,
  options: {
    readonly input?: unknown;
    readonly set?: unknown;
    readonly replay?: unknown;
    readonly record?: unknown;
  },
): void {
  const flag = (["input", "set", "replay", "record"] as const).find((name) =>
    options[name] !== undefined
  );
  if (flag === undefined) return;
  throw new UsageError(
    `Cannot use --${flag} with "${target}" as that is a pipeline: its input is what follows its name`,
    `pd run ${target} …`,
  );
}

/** The declared inputs of the workflow that the arguments name, if they name one. */
async function inputsOf(args: readonly string[], cli: Cli): Promise<string> {
  const { findTarget, inputHelp } = await import("../targets/mod.ts");
  for (const word of args.filter((arg) => !arg.startsWith("-"))) {
    // A word that is no workflow may be the value of a flag; help is no place to complain.
    const target = await findTarget(word, cli.io.cwd).catch(() => undefined);
    if (target === undefined) continue;
    const { file } = target;
    const { parseWorkflow }: typeof import("../../engine/spec/mod.ts") = await import(SPEC);
    const { draft } = await parseWorkflow(await Deno.readTextFile(file), { file });
    return draft === undefined ? "" : inputHelp(draft.name, draft.inputs);
  }
  return "";
}
