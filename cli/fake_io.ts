import type { Io } from "./terminal/mod.ts";

/** How a fake process is set up. */
export interface FakeIoOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string;
  /** Columns and rows make stderr a terminal; without, nothing is one. */
  readonly terminal?: { columns: number; rows: number };
}

/** A process for tests: its streams are strings. */
export interface FakeIo extends Io {
  /** All that was written to stdout. */
  readonly written: { stdout: string; stderr: string };
  /** What Ctrl-C does. */
  readonly controller: AbortController;
  /** What the process gets; false when nobody listens. */
  signal(signal: "SIGINT" | "SIGTERM" | "SIGUSR1"): boolean;
}

/** Makes a process that touches nothing. */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const written = { stdout: "", stderr: "" };
  const controller = new AbortController();
  const { terminal } = options;
  const listeners = new Set<{ readonly signal: string; readonly callback: () => void }>();
  return {
    written,
    controller,
    cwd: options.cwd ?? "/nowhere",
    env: (name) => options.env?.[name],
    stdin: {
      isTerminal: terminal !== undefined,
      text: () => Promise.resolve(options.stdin ?? ""),
    },
    stdout: {
      write: (text) => void (written.stdout += text),
      isTerminal: false,
      size: () => undefined,
    },
    stderr: {
      write: (text) => void (written.stderr += text),
      isTerminal: terminal !== undefined,
      size: () => terminal !== undefined && terminal.columns > 0 ? { ...terminal } : undefined,
    },
    interrupt: () => controller.signal,
    listen(signal, callback) {
      const listener = { signal, callback };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signal(signal) {
      const called = [...listeners].filter((listener) => listener.signal === signal);
      for (const { callback } of called) callback();
      return called.length > 0;
    },
  };
}
