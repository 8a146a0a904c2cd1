import { relative } from "node:path";
import { createVerifier, loadSecret, signToken } from "../../engine/auth/mod.ts";
import { cacheDir } from "../../engine/cache/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import { loadEnvFiles } from "../../engine/environment/mod.ts";
import {
  createEventLog,
  type EventLog,
  FleetTally,
  nodeTracing,
  openTracing,
  withStorageTally,
} from "../../engine/observability/mod.ts";
import { type OpenRegistry, openRegistry } from "../../engine/registry/mod.ts";
import { openSchedules } from "../../engine/schedules/mod.ts";
import { checkAddress, openService } from "../../engine/server/mod.ts";
import { openStorage } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { keepOutOfGit, ownStorage } from "../own_data.ts";
import { dataFolder } from "../pipelines/mod.ts";
import { formatElapsed } from "../terminal/mod.ts";
import { lockData } from "./lock_data.ts";
import { openServedRepositories } from "./open_served_repositories.ts";
import { readListenAddress } from "./read_listen_address.ts";
import { scriptEnvironment } from "./script_environment.ts";
import { type StopSignals, stopSignals } from "./stop_signals.ts";
import { takeOverPrunner } from "./take_over_prunner.ts";
import { counted, welcome } from "./welcome.ts";

/** What `pd serve` was asked. */
export interface ServeManyRequest {
  /** Folder below which workflows are looked for, absolute. */
  readonly path: string;
  readonly pattern: string;
  /** Folder of the server's own files, absolute. */
  readonly data: string;
  readonly storage: string | undefined;
  readonly address: string;
  readonly jwtSecret: string | undefined;
  readonly config: string | undefined;
  readonly secretsPath: string | undefined;
  readonly shutdownMs: number;
  readonly envFiles: readonly string[];
  readonly watch: boolean;
  readonly pollMs: number;
  readonly insecureWebhooks: boolean;
  readonly requestsPerSecond: number;
  readonly log: "text" | "json";
}

/** A token to try it out with. */
const TRIAL_MS = 3_600_000;

/** Serves all workflows of a folder and a storage until it is told to stop. */
export async function serveMany(cli: Cli, request: ServeManyRequest): Promise<void> {
  const { io, out } = cli;
  const { host, port } = readListenAddress(request.address);
  const current: { workflow?: string | undefined; registry?: OpenRegistry } = {};
  const log = createEventLog({
    format: request.log,
    now: Date.now,
    write: (text) => io.stderr.write(text),
    workflow: () => current.workflow,
    namesWorkflow: true,
    traceIdOf: (runId) => tracing?.traceIdOf(runId),
  });
  using tracing = await openTracing({
    env: io.env,
    onWarning: (message) => log.line("warn", message),
  });
  using signals = stopSignals(io, () => {
    void current.registry?.reload().then(() =>
      log.line("info", `looked again: ${counted(current.registry?.list().length ?? 0)}`)
    );
  });
  try {
    using lock = await lockData(request.data);
    await keepOutOfGit(request.data);
    const { environment } = await loadEnvFiles({
      dir: io.cwd,
      files: request.envFiles,
      environment: Deno.env.toObject(),
    });
    const secret = await loadSecret({
      cwd: io.cwd,
      env: (name) => environment[name],
      flag: request.jwtSecret,
      config: request.config,
    });
    for (const warning of secret.warnings) log.line("warn", warning);
    checkAddress(host, port);
    const tally = new FleetTally();
    await using opened = await openStorage(request.storage ?? ownStorage(request.data), {
      clock: systemClock,
      env: io.env,
      cwd: io.cwd,
    });
    const storage = withStorageTally(opened, tally.storage);
    // Before any workflow takes up runs.
    await takeOverPrunner({ data: request.data, cwd: io.cwd, storage, log });
    await using registry = await openRegistry({
      storage,
      path: request.path,
      pattern: request.pattern,
      scriptsDir: io.cwd,
      // Where pd run NAME has them: the folder is the key of their runs.
      stored: { dataDir: dataFolder(io.env) },
      watch: request.watch,
      ...request.watch ? { pollIntervalMs: request.pollMs } : {},
      insecureWebhooks: request.insecureWebhooks,
      settings: {
        cacheDir: cacheDir(io.env),
        tracing: tracing && ((redactor) => nodeTracing(tracing, redactor)),
        scripts: { cwd: io.cwd, env: scriptEnvironment(environment) },
        ...request.secretsPath === undefined ? {} : { secretsPath: request.secretsPath },
      },
      log: (level, message, fields) => log.line(level, message, fields),
      count: (workflow, ...counted) => tally.of(workflow).triggers.count(...counted),
    });
    current.registry = registry;
    registry.subscribe((event, entry) => {
      tally.add(event, entry);
      current.workflow = entry.name;
      log.event(event);
      current.workflow = undefined;
      // A run that was taken up again has a beginning that was not seen here.
      tracing?.describeBy((runId) => entry.workflow.liveRun(runId)?.summary);
      tracing?.event(event);
    });
    await using repositories = await openServedRepositories(registry, {
      data: request.data,
      cwd: io.cwd,
      environment,
      log,
    });
    await using schedules = await openSchedules(registry, {
      clock: systemClock,
      random: Math.random,
      log: (level, message, fields) => log.line(level, message, fields),
      begun: registry.begun(),
    });
    if (signals.stop.aborted) return;
    await using server = await openService({
      registry,
      repositories,
      schedules,
      auth: createVerifier({ secret: secret.secret, clock: systemClock }),
      issueToken: (claims) => signToken(secret.secret, claims, Date.now()),
      host,
      port,
      clock: systemClock,
      metrics: () => tally.render(registry.list()),
      requestsPerSecond: request.requestsPerSecond,
      onFault: (error) => log.line("error", describeFault(error)),
    });
    await lock.note(server.url);
    const { url } = server;
    const workflows = registry.list().map(({ name }) => name);
    out.result(`${url}\n`, { url, workflows, problems: [...registry.problems()] as never });
    log.flush();
    if (request.log === "json") log.line("info", `listening on ${url}`, { url });
    else {
      out.note(welcome(out, {
        url,
        workflows,
        problems: registry.problems(),
        path: relative(io.cwd, request.path) || ".",
        secretPlace: secret.place,
        isNewSecret: secret.isNew,
        isOpenToNetwork: !/^(localhost|127\.|\[::1\])/.test(host),
        token: io.stderr.isTerminal ? await trialToken(secret.secret) : undefined,
      }));
    }
    await aborted(signals.stop);
    await stop(registry, { signals, log, graceMs: request.shutdownMs });
  } finally {
    log.flush();
  }
}

/** Reads are answered until the runs are over; disposing of all gives up what is left. */
async function stop(
  registry: OpenRegistry,
  { signals, log, graceMs }: {
    readonly signals: StopSignals;
    readonly log: EventLog;
    readonly graceMs: number;
  },
): Promise<void> {
  const running = registry.list().reduce((sum, { workflow }) => sum + workflow.activeRuns, 0);
  if (signals.force.aborted) {
    log.line("info", "stopping at once: what runs is interrupted");
    return;
  }
  const note = running === 0
    ? "stopping"
    : `stopping: ${running} ${running === 1 ? "run goes" : "runs go"} on for at most ${
      formatElapsed(graceMs)
    }; Ctrl-C again interrupts`;
  log.line("info", note);
  log.flush();
  await Promise.race([registry.drain({ graceMs, queued: "cancel" }), aborted(signals.force)]);
}

async function trialToken(secret: string): Promise<string> {
  return await signToken(
    secret,
    { subject: "trial", scope: "admin", workflows: undefined, ttlMs: TRIAL_MS },
    Date.now(),
  );
}

function describeFault(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
