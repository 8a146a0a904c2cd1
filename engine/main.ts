/**
 * The process inside the pod: opens one workflow, serves it over HTTP, and stops when told to.
 *
 * ```sh
 * deno run -A engine/main.ts --workflow examples/hello
 * ```
 *
 * @module
 */
import { cacheDir } from "./cache/mod.ts";
import { systemClock } from "./clock/mod.ts";
import type { HttpMode } from "./context/mod.ts";
import { CodedError, PdError } from "./errors/mod.ts";
import { mainHelp, type MainOptions, parseMainOptions } from "./main_options.ts";
import {
  createEventLog,
  type EventLog,
  nodeTracing,
  observe,
  openTracing,
  RunTally,
  withStorageTally,
} from "./observability/mod.ts";
import { serve, type Server } from "./server/mod.ts";
import { formatDiagnostic } from "./spec/mod.ts";
import { SocketPlaces } from "./nodes/mod.ts";
import { openStorage } from "./storage/mod.ts";
import { keepTriggers, type KeptTriggers } from "./triggers/mod.ts";
import {
  openWorkflow,
  type ReloadOutcome,
  type Workflow,
  WorkflowInvalidError,
} from "./workflow/mod.ts";

const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const options = parseMainOptions(args, {
    env: (name) => Deno.env.get(name),
    isTerminal: Deno.stderr.isTerminal(),
  });
  if (options.help) {
    await Deno.stdout.write(new TextEncoder().encode(mainHelp()));
    return 0;
  }
  const env = (name: string) => Deno.env.get(name);
  let opened: Workflow | undefined = undefined;
  const log = createEventLog({
    format: options.log,
    now: Date.now,
    write: writeError,
    workflow: () => opened?.current.spec.name,
    redact: (value) => opened?.redact(value) ?? value,
    traceIdOf: (runId) => tracing?.traceIdOf(runId),
  });
  const stopped = firstSignal();
  using tracing = await openTracing({ env, onWarning: (message) => log.line("warn", message) });
  const tally = new RunTally();
  await using storage = await openStorage(options.storage, { clock: systemClock, env });
  await using workflow = await openWorkflow({
    dir: options.workflow,
    storage: withStorageTally(storage, tally.storage),
    tracing: tracing && ((redactor) => nodeTracing(tracing, redactor)),
    // A pod's folder is the same in every pod.
    workflowKey: ({ name }) => name,
    cacheDir: cacheDir(env),
    ...options.secrets === undefined ? {} : { secretsPath: options.secrets },
    sockets: await socketsOf(options.sockets),
    ...options.replay === undefined ? {} : { http: await replayOf(options.replay) },
    onWarning: (message) => log.line("warn", message),
  });
  opened = workflow;
  reportWarnings(workflow, log);
  await using triggers = await keepTriggers(workflow, {
    clock: systemClock,
    random: Math.random,
    cron: "configured",
    insecureWebhooks: options.insecureWebhooks,
    log: (level, message, fields) => log.line(level, message, fields),
    count: (...counted) => tally.triggers.count(...counted),
  });
  // Before anybody can call: an edit right after the first answer must not be missed.
  await using _watch = options.watch
    ? workflow.watch((outcome) => {
      reportReload(outcome, log);
      if (outcome.status === "reloaded") void triggers.renew();
    })
    : undefined;
  await Promise.race([workflow.ready(), stopped]);
  observe(workflow, { log, tracing, tally });
  await using server = listen(workflow, {
    ...options,
    tally,
    triggers,
    onFault: (error) => log.line("error", describe(error)),
  });
  // Which runs of before go on has to be known first: a schedule may have to wait for one.
  void workflow.recover().then(() => triggers.begin());
  const signal = await stopped;
  log.line("info", `stopping on ${signal}`, { activeRuns: workflow.activeRuns });
  await Promise.all([triggers.drain(), server.shutdown()]);
  log.line("info", "stopped");
  log.flush();
  return 0;
}

/** @param text `/tmp/pd:6`: a folder, and how many folders below it there are. */
async function socketsOf(text: string | undefined): Promise<SocketPlaces | undefined> {
  const [, base, folders] = /^(\/.+):(\d+)$/.exec(text ?? "") ?? [];
  return base === undefined ? undefined : await SocketPlaces.open(base, Number(folders));
}

async function replayOf(folder: string): Promise<HttpMode> {
  const { replayFrom }: typeof import("./testing/mod.ts") = await import(
    new URL("./testing/mod.ts", import.meta.url).href
  );
  return replayFrom(folder);
}

function listen(
  workflow: Workflow,
  options: MainOptions & {
    readonly tally: RunTally;
    readonly triggers: KeptTriggers;
    onFault(error: unknown): void;
  },
): Server {
  return serve(workflow, {
    port: options.port,
    host: options.host,
    graceMs: options.graceMs,
    maxConcurrentRuns: options.maxRuns,
    tally: options.tally,
    triggers: () => options.triggers.list(),
    onFault: options.onFault,
    onListen: ({ url }) => writeError(`listening on ${url}\n`),
  });
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
function firstSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let isSecond = false;
    const signals: Deno.Signal[] = Deno.build.os === "windows"
      ? ["SIGINT", "SIGBREAK"]
      : ["SIGTERM", "SIGINT"];
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (isSecond) Deno.exit(INTERRUPTED);
        isSecond = true;
        resolve(signal);
      });
    }
  });
}

function reportWarnings(workflow: Workflow, log: EventLog): void {
  for (const { code, message, fix, file, line, column } of workflow.current.diagnostics) {
    log.line("warn", `${file}:${line}:${column} ${code} ${message}`, { code, fix });
  }
}

function reportReload(outcome: ReloadOutcome, log: EventLog): void {
  const { changed } = outcome;
  if (outcome.status === "reloaded") {
    log.line("info", `reloaded after a change of ${changed.join(", ")}`, {
      generation: outcome.version,
    });
    return;
  }
  log.line("error", `the old version goes on: ${describe(outcome.error)}`, { changed });
}

/** All that an error says to a person: its problems or its message, and how to get past it. */
function describe(error: unknown): string {
  if (error instanceof WorkflowInvalidError) {
    return error.diagnostics.map(formatDiagnostic).join("\n");
  }
  const known = error instanceof PdError ? error : new CodedError(
    "INTERNAL",
    error instanceof Error ? error.stack ?? error.message : `${error}`,
  );
  return `${known.code} ${known.message}${known.fix === undefined ? "" : `\n  Fix: ${known.fix}`}`;
}

function writeError(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    writeError(`${describe(error)}\n`);
    Deno.exit(error instanceof PdError && error.code === "USAGE" ? 2 : 1);
  }
}
