import type { Clock } from "../clock/mod.ts";
import type { TaskIo, TaskResult } from "../drivers/mod.ts";
import { orAborted } from "./or_aborted.ts";
import type { OutputPipe } from "./output_pipe.ts";

/** How a command is run. */
export interface RunCommandOptions {
  /** Each ends it. */
  readonly signals: readonly AbortSignal[];
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  readonly stdin?: string | undefined;
  readonly clock: Clock;
  /** Counted from when the program begins. */
  readonly timeout?: { readonly ms: number; error(): Error } | undefined;
  readonly onStart?: () => void;
}

/** A command on its way. */
export interface RunningCommand {
  /** How it ended. Rejects at once with the reason when it is told to stop, though it may take a while to. */
  readonly result: Promise<TaskResult>;
  /** Nothing of it runs any more. Never rejects. */
  readonly settled: Promise<void>;
}

/** Runs what `start` starts, with its output piped, its signals joined and its time limited. */
export function runCommand(
  start: (io: TaskIo) => Promise<TaskResult>,
  options: RunCommandOptions,
): RunningCommand {
  const { stdout, stderr, stdin, timeout, clock } = options;
  const expired = new AbortController();
  const signal = AbortSignal.any([...options.signals, expired.signal]);
  let disarm: (() => void) | undefined;
  let isOver = false;
  const io: TaskIo = {
    stdin: stdin === undefined ? undefined : new Blob([stdin]).stream(),
    signal,
    onStdout: (bytes) => stdout.write(bytes),
    onStderr: (bytes) => stderr.write(bytes),
    onStart() {
      if (timeout !== undefined && disarm === undefined && !isOver) {
        disarm = clock.after(timeout.ms, () => expired.abort(timeout.error()));
      }
      options.onStart?.();
    },
  };
  async function work(): Promise<TaskResult> {
    try {
      signal.throwIfAborted();
      return await start(io);
    } finally {
      isOver = true;
      disarm?.();
      stdout.end();
      stderr.end();
    }
  }
  const working = work();
  return {
    result: orAborted(working, signal),
    settled: working.then(() => {}, () => {}),
  };
}
