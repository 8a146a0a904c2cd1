import { type Clock, systemClock } from "../clock/mod.ts";
import { RunTally } from "../observability/mod.ts";
import type { Trigger } from "../triggers/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { createApp } from "./app.ts";
import { cannotListen, LINGER_MS, urlHost } from "./listening.ts";
import type { PageFront } from "./page_front.ts";
import { createRequestGuard } from "./request_guard.ts";
import { createRoutes } from "./routes.ts";
import { RunLimit } from "./run_limit.ts";

/** Runs that go on at a time, unless told otherwise; the next one is answered with 429. */
export const DEFAULT_MAX_CONCURRENT_RUNS = 1000;
/** The largest input over HTTP, unless told otherwise. */
const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;
/** The largest delivery of a webhook, unless told otherwise. */
const DEFAULT_MAX_HOOK_BYTES = 1024 * 1024;
/** How long runs may go on after a signal to stop, unless told otherwise. */
export const DEFAULT_GRACE_MS = 25_000;
export const DEFAULT_PORT = 8080;
export const DEFAULT_HOST = "127.0.0.1";

/** Where and how a workflow is served. */
export interface ServeOptions {
  /** 0 picks a free one. */
  readonly port?: number;
  readonly host?: string;
  /** How long `shutdown` waits for runs before it cancels them. */
  readonly graceMs?: number;
  readonly maxBodyBytes?: number;
  readonly maxHookBytes?: number;
  readonly maxConcurrentRuns?: number;
  /** Names under which the server may be called, besides those of the loopback address. */
  readonly hostnames?: readonly string[];
  readonly clock?: Clock;
  /** What `/metrics` shows; counts from now on by default. */
  readonly tally?: RunTally;
  /** Triggers at work, for `/hooks` and `/triggers`; none by default. */
  triggers?(): readonly Trigger[];
  /** Takes errors that nobody foresaw, for the log. */
  readonly onFault?: (error: unknown) => void;
  /** The page of this workflow; none by default. */
  readonly page?: PageFront;
  readonly onListen?: (address: { readonly url: string; readonly port: number }) => void;
}

/** A server that answers. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /**
   * Takes no more runs, answers every run that was accepted (cancelled ones too, after the grace), then
   * closes. Connections that are stuck by then, as nobody reads from them, end with the process. Calling it
   * again gives the same promise. The workflow itself stays open.
   */
  shutdown(): Promise<void>;
  /** Resolves when the server is closed. */
  readonly finished: Promise<void>;
}

/**
 * Serves the HTTP surface of one workflow; it answers when this returns.
 *
 * @throws {CodedError} `ADDRESS_IN_USE`, `USAGE` when the address is no address of this machine
 */
export function serve(workflow: Workflow, options: ServeOptions = {}): Server {
  const { clock = systemClock, host = DEFAULT_HOST, graceMs = DEFAULT_GRACE_MS } = options;
  const { tally = new RunTally() } = options;
  const unsubscribe = workflow.subscribe((event) => tally.add(event));
  const routes = createRoutes(workflow, {
    tally,
    clock,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    maxHookBytes: options.maxHookBytes ?? DEFAULT_MAX_HOOK_BYTES,
    triggers: () => options.triggers?.() ?? [],
    limit: new RunLimit(workflow, options.maxConcurrentRuns ?? DEFAULT_MAX_CONCURRENT_RUNS),
  });
  let handler = (_: Request, _from: string): Promise<Response> =>
    Promise.reject(new Error("not listening yet"));
  let http: Deno.HttpServer<Deno.NetAddr>;
  try {
    http = Deno.serve({
      hostname: host.replace(/^\[(.*)\]$/, "$1"),
      port: options.port ?? DEFAULT_PORT,
      onListen() {},
    }, (request, { remoteAddr }) => handler(request, remoteAddr.hostname));
  } catch (error) {
    unsubscribe();
    throw cannotListen(error, host, options.port ?? DEFAULT_PORT);
  }
  const { port } = http.addr;
  const { page, onFault, hostnames = [] } = options;
  const faults = onFault === undefined ? {} : { onFault };
  const app = createApp(routes, {
    guard: createRequestGuard({ host, port, hostnames }),
    ...faults,
  });
  handler = page === undefined
    ? app
    : (request, from) =>
      page.isFor(new URL(request.url).pathname)
        ? page.handle(request, { from, host, port, hostnames, clock, ...faults })
        : app(request);
  const url = `http://${urlHost(host)}:${port}`;
  options.onListen?.({ url, port });

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await workflow.drain(graceMs);
    unsubscribe();
    options.page?.endStreams();
    await new Promise<void>((resolve, reject) => {
      const stopTimer = clock.after(LINGER_MS, resolve);
      http.shutdown().then(() => {
        stopTimer();
        resolve();
      }, reject);
    });
  }
  function shutdown(): Promise<void> {
    return closing ??= close();
  }
  return { url, port, shutdown, finished: http.finished, [Symbol.asyncDispose]: shutdown };
}
