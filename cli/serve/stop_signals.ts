import type { Io } from "../terminal/mod.ts";

/** How a server is told to stop. */
export interface StopSignals extends Disposable {
  /** After the first Ctrl-C or SIGTERM: nothing new is taken. */
  readonly stop: AbortSignal;
  /** After SIGTERM or a second Ctrl-C: what runs is interrupted. A further Ctrl-C ends the process at once. */
  readonly force: AbortSignal;
}

/** Takes over SIGINT and SIGTERM, and calls back for SIGUSR1. */
export function stopSignals(io: Pick<Io, "listen">, onReload: () => void): StopSignals {
  const stop = new AbortController();
  const force = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) return terminate();
    stop.abort();
  };
  const terminate = () => {
    stop.abort();
    force.abort();
    end();
  };
  const listeners = [
    io.listen("SIGINT", interrupt),
    io.listen("SIGTERM", terminate),
    io.listen("SIGUSR1", onReload),
  ];
  function end(): void {
    for (const unlisten of listeners.splice(0)) unlisten();
  }
  return { stop: stop.signal, force: force.signal, [Symbol.dispose]: end };
}
