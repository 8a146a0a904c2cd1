import type { LogLine } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { type AskEngine, noEngine, setAsk } from "./ask_engine.ts";
import { runInContainer } from "./container_scope.ts";
import type { Context, NodeRunInfo, Secrets } from "./context.ts";
import type { FetchTrace } from "./fetch_trace.ts";
import { createLog } from "./log.ts";
import { createProcess } from "./create_process.ts";
import { serviceFetch } from "./service_fetch.ts";
import type { Services } from "./service_url.ts";
import type { Transport } from "./transport.ts";

/** What one attempt's context is made of. */
export interface ContextOptions {
  /** Frozen by `createContext`. */
  readonly run: NodeRunInfo;
  readonly signal: AbortSignal;
  /** Passed through `deepFreeze` once by the caller, as calls share it. */
  readonly config: JsonObject;
  /** Those the node may have, passed through `deepFreeze` once by the caller. */
  readonly secrets: Secrets;
  readonly services: Services;
  /** Where requests go. */
  readonly transport: Transport;
  /** The trace that requests belong to. */
  readonly trace?: FetchTrace | undefined;
  /** How it asks its engine for what runs in containers; without it nothing does. */
  readonly ask?: AskEngine;
  /** Takes each log line as it comes, before redaction. */
  onLog(line: LogLine): void;
}

/**
 * The `ctx` of one attempt. Its members cannot be replaced, and may be taken off it:
 * `const { fetch, log } = ctx`.
 */
export function createContext(options: ContextOptions): Context {
  const { run, signal, config, secrets } = options;
  const ctx: Context = Object.freeze({
    fetch: (service: string, path: string, init?: RequestInit) =>
      serviceFetch(ctx, { service, path, init }, options),
    log: createLog(options.onLog),
    config,
    secrets,
    signal,
    run: Object.freeze(run),
    process: options.ask === undefined ? NO_PROCESS : createProcess(options.ask),
    container: CONTAINER,
  });
  if (options.ask !== undefined) setAsk(ctx, options.ask);
  return ctx;
}

const NO_PROCESS: Context["process"] = createProcess(noEngine);
const CONTAINER: Context["container"] = Object.freeze({ run: runInContainer });
