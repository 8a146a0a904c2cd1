import { cacheDir } from "../engine/cache/mod.ts";
import { systemClock } from "../engine/clock/mod.ts";
import type { LogLevel, RunEvent } from "../engine/executor/mod.ts";
import type { JsonObject } from "../engine/json/mod.ts";
import { RunTally } from "../engine/observability/mod.ts";
import { serve } from "../engine/server/mod.ts";
import { formatDiagnostic } from "../engine/spec/mod.ts";
import { keepTriggers } from "../engine/triggers/mod.ts";
import { openWorkflow, type ReloadOutcome, WorkflowInvalidError } from "../engine/workflow/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import type { Cli } from "./cli.ts";
import { openHttp } from "./open_http.ts";
import { beginStorage } from "./target_storage.ts";
import { findTarget } from "./targets/mod.ts";
import { formatElapsed, formatLogLine, type Output, printable } from "./terminal/mod.ts";

/** What `pd dev` was asked. */
export interface ServeRequest {
  readonly target: string;
  readonly port: number;
  readonly host: string;
  readonly watch: boolean;
  readonly replay: boolean;
  readonly secretsPath: string | undefined;
  readonly storage: string | undefined;
  readonly insecureWebhooks: boolean;
}

/** Runs in flight get this long after Ctrl-C. */
const GRACE_MS = 5_000;

/** Serves a workflow until it is interrupted. */
export async function serveTarget(cli: Cli, request: ServeRequest): Promise<void> {
  const { io, out } = cli;
  const interrupt = io.interrupt();
  const target = await findTarget(request.target, io.cwd, { command: "pd dev" });
  await using opening = beginStorage(request.storage, io);
  await using http = await openHttp(target.dir, { ...request, record: false });
  await using workflow = await openWorkflow({
    dir: target.file,
    cacheDir: cacheDir(io.env),
    http: http.mode,
    storage: opening.storage,
    onWarning: (message) => out.warn(`warning ${message}`),
    ...(request.secretsPath === undefined ? {} : { secretsPath: request.secretsPath }),
  });
  for (const diagnostic of workflow.current.diagnostics) out.note(formatDiagnostic(diagnostic));
  const tally = new RunTally();
  await using triggers = await keepTriggers(workflow, {
    clock: systemClock,
    random: Math.random,
    cron: "engine",
    insecureWebhooks: request.insecureWebhooks,
    log: (level, message, fields) => showTriggerLine({ level, message, fields }, out),
    count: (...counted) => tally.triggers.count(...counted),
  });
  // From here on: an edit made while the hosts come up counts too.
  await using _watch = request.watch
    ? workflow.watch((outcome) => {
      showReload(outcome, out);
      if (outcome.status === "reloaded") void triggers.renew();
    })
    : undefined;
  await Promise.race([workflow.ready(), aborted(interrupt)]);
  if (interrupt.aborted) return;
  const unsubscribe = workflow.subscribe((event) => showEvent(event, out));
  try {
    await using server = serve(workflow, {
      port: request.port,
      host: request.host,
      graceMs: GRACE_MS,
      tally,
      triggers: () => triggers.list(),
      onFault: (error) => out.warn(`error ${error instanceof Error ? error.stack : error}`),
    });
    const { url } = server;
    const { spec } = workflow.current;
    out.result(`${url}\n`, { url, workflow: spec.name, version: spec.version });
    out.note(welcome(spec.name, url, request.watch, out));
    // Which runs of before go on has to be known first: a schedule may have to wait for one.
    void workflow.recover().then(() => triggers.begin());
    await aborted(interrupt);
    out.note("stopping; Ctrl-C again ends it at once");
    await Promise.all([triggers.drain(), server.shutdown()]);
  } finally {
    unsubscribe();
  }
}

function welcome(name: string, url: string, isWatching: boolean, out: Output): string {
  const { bold, dim, cyan } = out.errorColors;
  return [
    `${bold(name)} is at ${cyan(url)}${isWatching ? ", and reloads on change" : ""}`,
    "",
    `  curl -d '{}' ${url}/run`,
    "",
    dim(
      "  POST /run   GET /runs   GET /runs/{id}   GET /runs/{id}/events   POST /runs/{id}/cancel",
    ),
    dim("  GET /workflow   GET /health   GET /ready   GET /metrics"),
    "",
  ].join("\n");
}

/** A line for what a person wants to see of the runs. */
function showEvent(event: RunEvent, out: Output): void {
  const { dim, green, red, yellow } = out.errorColors;
  const id = dim(event.runId.slice(-8));
  switch (event.kind) {
    case "run.started":
      return out.note(`${id} run started`);
    case "run.resumed":
      return out.note(`${id} run taken up again: ${event.done} nodes were done`);
    case "log":
      if (event.level === "debug" && !out.verbose) return;
      return out.note(`${id} ${formatLogLine(event, out.errorColors)}`);
    case "node.retrying":
      return out.note(
        `${id} ${yellow("retry")} ${event.node} in ${formatElapsed(event.delayMs)}: ${
          printable(`${event.error.code} ${event.error.message}`)
        }`,
      );
    case "node.failed":
      return out.note(
        `${id} ${event.allowed ? yellow("failed") : red("failed")} ${event.node} ${
          printable(`${event.error.code} ${event.error.message}`)
        }${event.error.fix === undefined ? "" : `\n${id} fix: ${printable(event.error.fix)}`}`,
      );
    case "node.succeeded":
      if (!out.verbose) return;
      return out.note(`${id} ${green("ok")} ${event.node} ${formatElapsed(event.durationMs)}`);
    case "run.succeeded":
      return out.note(`${id} ${green("run succeeded")} in ${formatElapsed(event.durationMs)}`);
    case "run.failed":
      return out.note(`${id} ${red("run failed")} after ${formatElapsed(event.durationMs)}`);
    case "run.cancelled":
      return out.note(
        `${id} ${yellow("run cancelled")} after ${formatElapsed(event.durationMs)}: ${
          printable(event.error.message)
        }`,
      );
  }
}

/** What a trigger has to say, and how to get past it. */
function showTriggerLine(
  { level, message, fields }: {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: JsonObject | undefined;
  },
  out: Output,
): void {
  if (level === "debug" && !out.verbose) return;
  const fix = fields?.["fix"];
  const text = `${printable(message)}${
    typeof fix === "string" ? `\n  Fix: ${printable(fix)}` : ""
  }`;
  if (level === "warn" || level === "error") out.warn(`${level} ${text}`);
  else out.note(text);
}

function showReload(outcome: ReloadOutcome, out: Output): void {
  const { green, red } = out.errorColors;
  const changed = outcome.changed.join(", ");
  if (outcome.status === "reloaded") {
    out.note(`${green("reloaded")} as version ${outcome.version}: ${changed} changed`);
    return;
  }
  out.warn(`${red("not reloaded")}, the old version goes on: ${changed} changed`);
  const { error } = outcome;
  if (error instanceof WorkflowInvalidError) {
    for (const diagnostic of error.diagnostics) out.warn(formatDiagnostic(diagnostic));
    return;
  }
  const code = error instanceof PdError ? error.code : "INTERNAL";
  const fix = error instanceof PdError ? error.fix : undefined;
  out.warn(`${code} ${printable(error.message)}${fix === undefined ? "" : `\n  Fix: ${fix}`}`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
