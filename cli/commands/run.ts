import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "../cli.ts";
import type { CommandDefinition } from "../command.ts";
import { checkOtel, otelOption } from "../otel_flag.ts";
import { UsageError } from "../usage_error.ts";

/** `pd run` */
export const definition: CommandDefinition = {
  name: "run",
  summary: "Run a workflow and print its output",
  examples: [
    { run: "pd run .", does: "the workflow in this folder" },
    {
      run: "pd run examples/hn-digest --replay",
      does: "answered by its recordings, without a network",
    },
    { run: "pd run . --topic deno", does: "an input that the workflow declares, as a flag" },
    { run: `echo '{"topic": "deno"}' | pd run . --input -`, does: "the whole input from a pipe" },
  ],
  build: (command, cli) =>
    command
      .usage("<target> [flags]")
      .description(
        "Run a workflow and print the output of its last node: a string as text, anything else as JSON, several last nodes as one object. Progress and logs go to stderr.",
      )
      .argument("[target]", "folder of a workflow, or a workflow.yaml")
      .option("--input <json>", "the input: JSON, @file, or - for standard input")
      .option(
        "-i, --set <name=value>",
        "one input; name:=JSON for a value that is no string (repeatable)",
        (value: string, all: readonly string[] | undefined) => [...(all ?? []), value],
      )
      .option("--secrets <path>", "secrets from this file or folder alone")
      .option("--storage <url>", "where the run is kept: sqlite:///path, postgres://…, memory:")
      .option("--replay", "answer HTTP requests from testdata/http")
      .option("--record", "save HTTP exchanges to testdata/http")
      .option("--timeout <duration>", "cancel the run after this long, such as 30s or 5m")
      .addOption(otelOption())
      .allowUnknownOption()
      .allowExcessArguments()
      .action(async (target, options, self) => {
        if (options.replay && options.record) throw bothWays();
        checkOtel(options.otel, { env: cli.io.env, command: `pd run ${target ?? "."}` });
        const { runTarget } = await import("../run_target.ts");
        await runTarget(cli, {
          target: checkTarget(target),
          words: self.args.slice(1),
          flags: self.options.flatMap((option) => option.long ?? []),
          input: options.input,
          pairs: options.set ?? [],
          secretsPath: options.secrets === undefined ? undefined : cli.resolve(options.secrets),
          storage: options.storage,
          replay: options.replay ?? false,
          record: options.record ?? false,
          timeout: options.timeout,
        });
      }) as CommandUnknownOpts,
  async begin(args, io) {
    return await (await import("../head_start.ts")).headStart(args, io);
  },
  moreHelp: inputsOf,
};

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

/** The declared inputs of the workflow that the arguments name, if they name one. */
async function inputsOf(args: readonly string[], cli: Cli): Promise<string> {
  const { findTarget, inputHelp } = await import("../targets/mod.ts");
  for (const word of args.filter((arg) => !arg.startsWith("-"))) {
    // A word that is no workflow may be the value of a flag; help is no place to complain.
    const target = await findTarget(word, cli.io.cwd).catch(() => undefined);
    if (target === undefined) continue;
    const { file } = target;
    const { parseWorkflow } = await import("../../engine/spec/mod.ts");
    const { draft } = await parseWorkflow(await Deno.readTextFile(file), { file });
    return draft === undefined ? "" : inputHelp(draft.name, draft.inputs);
  }
  return "";
}
