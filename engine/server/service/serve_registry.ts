import { systemClock } from "../../clock/mod.ts";
import type { Server } from "../serve.ts";
import { addressFix, bareHost, cannotListen, LINGER_MS, urlHost } from "../listening.ts";
import { createService, type ServiceOptions } from "./create_service.ts";

/** What serves many workflows. */
export type ServeRegistryOptions = Omit<ServiceOptions, "port"> & {
  /** 0 picks a free one. */
  readonly port: number;
};

/**
 * Serves many workflows behind tokens; it answers when this returns. `shutdown` ends streams of events and closes,
 * whatever the runs do: draining the registry before is the caller's part, and reads are answered meanwhile.
 *
 * @throws {CodedError} `ADDRESS_IN_USE`, `USAGE` when the address is no address of this machine
 */
export function serveRegistry(options: ServeRegistryOptions): Server {
  const { host, clock = systemClock } = options;
  let handle = (_: Request, _address: string): Promise<Response> =>
    Promise.reject(new Error("not listening yet"));
  let http: Deno.HttpServer<Deno.NetAddr>;
  try {
    http = Deno.serve({
      hostname: bareHost(host),
      port: options.port,
      onListen() {},
    }, (request, { remoteAddr }) => handle(request, remoteAddr.hostname));
  } catch (error) {
    throw cannotListen(error, host, options.port, addressFix);
  }
  const { port } = http.addr;
  const service = createService({ ...options, port });
  handle = service.handle;

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    const closed = http.shutdown();
    service.endStreams();
    await new Promise<void>((resolve, reject) => {
      const stopTimer = clock.after(LINGER_MS, resolve);
      closed.then(() => {
        stopTimer();
        resolve();
      }, reject);
    });
  }
  function shutdown(): Promise<void> {
    return closing ??= close();
  }
  const url = `http://${urlHost(host)}:${port}`;
  return { url, port, shutdown, finished: http.finished, [Symbol.asyncDispose]: shutdown };
}
