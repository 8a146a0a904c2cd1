import { cacheDir } from "../engine/cache/mod.ts";
import { systemClock } from "../engine/clock/mod.ts";
import { parseDriverAddress } from "../engine/drivers/mod.ts";
import {
  nodeTracing,
  observe,
  openTracing,
  RunTally,
  withStorageTally,
} from "../engine/observability/mod.ts";
import { createPageFront, serve } from "../engine/server/mod.ts";
import { keepTriggers } from "../engine/triggers/mod.ts";
import { openWorkflow, type Workflow } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { openHttp } from "./open_http.ts";
import { logReport } from "./serve_log.ts";
import { type ServeReport, textReport } from "./serve_report.ts";
import { targetStorage } from "./target_storage.ts";
import { findTarget } from "./targets/mod.ts";

/** What `pd dev` was asked. */
export interface ServeRequest {
  readonly target: string;
  readonly port: number;
  readonly host: string;
  readonly watch: boolean;
  readonly replay: boolean;
  readonly secretsPath: string | undefined;
  readonly storage: string | undefined;
  /** Where containers run; as the workflow says when undefined. */
  readonly driver: string | undefined;
  readonly insecureWebhooks: boolean;
  readonly log: "text" | "json";
}

/** Runs in flight get this long after Ctrl-C. */
const GRACE_MS = 5_000;

/** Serves a workflow until it is interrupted. */
export async function serveTarget(cli: Cli, request: ServeRequest): Promise<void> {
  const { io, out } = cli;
  const interrupt = io.interrupt();
  if (request.driver !== undefined) parseDriverAddress(request.driver);
  const target = await findTarget(request.target, io.cwd, { command: "pd dev" });
  const tally = new RunTally();
  let opened: Workflow | undefined = undefined;
  const report: ServeReport = request.log === "text" ? textReport(out) : logReport({
    write: (text) => io.stderr.write(text),
    workflow: () => opened,
    traceIdOf: (runId) => tracing?.traceIdOf(runId),
  });
  using tracing = await openTracing({
    env: io.env,
    onWarning: (message) => report.warning(message),
  });
  await using storage = targetStorage(request.storage, {
    env: io.env,
    cwd: io.cwd,
    measure: (storage) => withStorageTally(storage, tally.storage),
  });
  await using http = await openHttp(target.dir, { ...request, record: false });
  await using workflow = await openWorkflow({
    dir: target.file,
    cacheDir: cacheDir(io.env),
    http: http.mode,
    storage: () => storage.open(),
    containers: { driver: request.driver },
    tracing: tracing && ((redactor) => nodeTracing(tracing, redactor)),
    onWarning: (message) => report.warning(message),
    ...(request.secretsPath === undefined ? {} : { secretsPath: request.secretsPath }),
  });
  opened = workflow;
  for (const diagnostic of workflow.current.diagnostics) report.diagnostic(diagnostic);
  await using triggers = await keepTriggers(workflow, {
    clock: systemClock,
    random: Math.random,
    cron: "engine",
    insecureWebhooks: request.insecureWebhooks,
    log: (level, message, fields) => report.trigger({ level, message, fields }),
    count: (...counted) => tally.triggers.count(...counted),
  });
  const page = createPageFront(workflow, { triggers: () => triggers.list() });
  // From here on: an edit made while the hosts come up counts too.
  await using _watch = request.watch
    ? workflow.watch((outcome) => {
      report.reload(outcome);
      page.changed();
      if (outcome.status === "reloaded") void triggers.renew();
    })
    : undefined;
  await Promise.race([workflow.ready(), aborted(interrupt)]);
  if (interrupt.aborted) return;
  const unsubscribe = observe(workflow, { log: report, tracing, tally });
  try {
    await using server = serve(workflow, {
      port: request.port,
      host: request.host,
      graceMs: GRACE_MS,
      tally,
      triggers: () => triggers.list(),
      page,
      onFault: (error) => out.warn(`error ${error instanceof Error ? error.stack : error}`),
    });
    const { url } = server;
    const { spec } = workflow.current;
    out.result(`${url}\n`, { url, workflow: spec.name, version: spec.version });
    report.welcome({ name: spec.name, url, isWatching: request.watch });
    // Which runs of before go on has to be known first: a schedule may have to wait for one.
    void workflow.recover().then(() => triggers.begin());
    await aborted(interrupt);
    report.stopping();
    await Promise.all([triggers.drain(), server.shutdown()]);
  } finally {
    unsubscribe();
    report.flush();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
