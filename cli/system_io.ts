import type { Io, Sink, Source } from "./terminal/mod.ts";

/** What the command line needs of the process besides its streams. */
export interface SystemIoOptions {
  /** Ends the process: called for the second Ctrl-C. */
  exit(code: number): void;
}

/** The real process. */
export function systemIo(options: SystemIoOptions): Io {
  let controller: AbortController | undefined;
  return {
    stdin: systemSource(),
    stdout: systemSink(Deno.stdout),
    stderr: systemSink(Deno.stderr),
    cwd: workingDirectory(),
    env: (name) => Deno.env.get(name),
    interrupt() {
      if (controller === undefined) {
        const own = controller = new AbortController();
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          Deno.addSignalListener(signal, () => {
            if (own.signal.aborted) options.exit(130);
            own.abort(new DOMException(`The process got ${signal}`, "AbortError"));
          });
        }
      }
      return controller.signal;
    },
    listen(signal, callback) {
      Deno.addSignalListener(signal, callback);
      return () => Deno.removeSignalListener(signal, callback);
    },
  };
}

/** The working directory as the shell shows it, or as the system knows it. */
function workingDirectory(): string {
  try {
    return Deno.cwd();
  } catch {
    // The directory was deleted under the shell; paths that are absolute still work.
    return "/";
  }
}

type Stream = typeof Deno.stdout | typeof Deno.stderr;

function systemSink(stream: Stream): Sink {
  const encoder = new TextEncoder();
  let isBroken = false;
  return {
    write(text) {
      if (!isBroken) isBroken = !writeAll(stream, encoder.encode(text));
    },
    get isTerminal() {
      return stream.isTerminal();
    },
    size() {
      if (!stream.isTerminal()) return undefined;
      try {
        const { columns, rows } = Deno.consoleSize();
        return columns > 0 && rows > 0 ? { columns, rows } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** Writes every byte; `false` when the reader is gone (`pd … | head`). */
function writeAll(stream: Stream, bytes: Uint8Array): boolean {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return false;
      // A pipe that the parent set to non-blocking is full: give the reader a moment.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
  return true;
}

function systemSource(): Source {
  return {
    get isTerminal() {
      return Deno.stdin.isTerminal();
    },
    text: () => new Response(Deno.stdin.readable).text(),
  };
}
