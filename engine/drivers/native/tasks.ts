import { type Clock, sleep } from "../../clock/mod.ts";
import type { TaskIo, TaskResult, TaskSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { hostPath, makePlace, type Place, type PlaceDeps } from "./place.ts";
import { killMarked, MARKER_VARIABLE, signalGroup, signalMarked } from "./processes.ts";
import { makeTaskFiles, type TaskFiles } from "./task_files.ts";

/** What it takes to run something. */
export interface TaskDeps extends PlaceDeps {
  readonly clock: Clock;
}

/** One command at a place. */
export interface Command {
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly workDir: string | undefined;
  readonly prefix: readonly string[];
  readonly killGraceMs: number;
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** Whether what it started in the background may go on without it, as in a sandbox. */
  readonly leavesBackground: boolean;
}

/** How long the output of what goes on in a sandbox is waited for after the command's end. */
const BACKGROUND_OUTPUT_MS = 100;

/** Runs one task to its end, and ends what it started. */
export async function runTask(task: TaskSpec, io: TaskIo, deps: TaskDeps): Promise<TaskResult> {
  if (task.command === undefined || task.command.length === 0) {
    throw new DriverError(
      "TASK_INVALID",
      `Cannot run "${task.name}" as driver "native" has no images: it names no command`,
      { fix: "command: [program, argument]" },
    );
  }
  io.signal.throwIfAborted();
  const place = await makePlace(task, deps);
  let files: TaskFiles | undefined;
  try {
    const { command, workDir, killGraceMs, stopSignal = "SIGTERM" } = task;
    if (task.files !== undefined) files = await makeTaskFiles(place.temp, task.files);
    const env = files?.env ?? {};
    const result = await runCommand(
      {
        command,
        env,
        workDir,
        prefix: place.prefix,
        killGraceMs,
        stopSignal,
        leavesBackground: false,
      },
      place,
      { io, clock: deps.clock },
    );
    return files === undefined ? result : { ...result, files: await files.collect() };
  } finally {
    await files?.remove();
    await place.release();
  }
}

/** Runs one command at a place. */
export async function runCommand(
  command: Command,
  place: Place,
  { io, clock }: { readonly io: TaskIo; readonly clock: Clock },
): Promise<TaskResult> {
  io.signal.throwIfAborted();
  const started = await start(command, place, io);
  if (typeof started === "number") return { code: started };
  const output = [
    pump(started.stdout, (bytes) => io.onStdout(bytes)),
    pump(started.stderr, (bytes) => io.onStderr(bytes)),
  ];
  io.onStart?.();
  const isOver = new AbortController();
  const input = io.stdin === undefined ? undefined : feed(io.stdin, started.stdin, isOver.signal);
  const stop = stopOnAbort(started, command, { place, signal: io.signal, clock });
  const { code } = await started.status;
  isOver.abort();
  stop.settle();
  if (command.leavesBackground) await endOutput(output, clock);
  else {
    signalGroup(started.pid, "SIGKILL");
    await killMarked(place.marker, clock, started.pid);
  }
  await Promise.all([...output.map(({ done }) => done), input, stop.done]);
  if (stop.wasAborted) throw io.signal.reason;
  return { code };
}

/** The process, or the exit code of a command that cannot be started. */
async function start(
  command: Command,
  place: Place,
  io: TaskIo,
): Promise<Deno.ChildProcess | number> {
  const cwd = command.workDir === undefined ? place.root : hostPath(command.workDir, place.root);
  const [program = "", ...args] = command.command;
  const path = program.includes("/") ? programPath(program, cwd, place.root) : program;
  const [first = "", ...rest] = [...command.prefix, path, ...args];
  const child = new Deno.Command(first, {
    args: rest,
    cwd,
    clearEnv: true,
    env: { ...place.env, ...command.env, [MARKER_VARIABLE]: place.marker },
    // A session and a process group of its own, so that all of it can be signalled.
    detached: true,
    stdin: io.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  try {
    return child.spawn();
  } catch (error) {
    if (await makeWorkDir(cwd, place.root)) return await start(command, place, io);
    return startFailure(program, error, io);
  }
}

/** A relative program is relative to where it starts. */
function programPath(program: string, cwd: string, root: string): string {
  return program.startsWith("/") ? hostPath(program, root) : `${cwd}/${program}`;
}

/**
 * Makes a work dir in the workspace that is not there, as other drivers do; `false` when it is there.
 *
 * @throws {DriverError} `TASK_INVALID` for one that is missing elsewhere
 */
async function makeWorkDir(cwd: string, root: string): Promise<boolean> {
  const info = await Deno.stat(cwd).catch(() => undefined);
  if (info?.isDirectory) return false;
  if (info === undefined && (cwd === root || cwd.startsWith(`${root}/`))) {
    await Deno.mkdir(cwd, { recursive: true });
    return true;
  }
  throw new DriverError("TASK_INVALID", `Cannot start in "${cwd}" as it is no folder`, {
    fix: "workdir: a folder below the workspace",
  });
}

/** What a shell says and answers. */
function startFailure(program: string, error: unknown, io: TaskIo): number {
  const isMissing = error instanceof Deno.errors.NotFound;
  const isRefused = error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && /exec format|is a directory|too long/i.test(error.message));
  if (!isMissing && !isRefused) {
    throw new DriverError("TASK_INVALID", `Cannot start "${program}" as the machine refuses it`, {
      cause: error,
    });
  }
  io.onStart?.();
  const why = isMissing ? "not found" : "cannot be executed";
  io.onStderr(new TextEncoder().encode(`pd: ${program}: ${why}\n`));
  return isMissing ? 127 : 126;
}

interface Pump {
  readonly done: Promise<void>;
  cancel(): Promise<void>;
}

function pump(stream: ReadableStream<Uint8Array>, take: (bytes: Uint8Array) => void): Pump {
  const reader = stream.getReader();
  async function read(): Promise<void> {
    for (let part = await reader.read(); !part.done; part = await reader.read()) take(part.value);
  }
  return { done: read(), cancel: () => reader.cancel() };
}

/** What goes on in the background of a sandbox may hold the streams of a command open that has ended. */
async function endOutput(output: readonly Pump[], clock: Clock): Promise<void> {
  const isRead = new AbortController();
  const all = Promise.all(output.map(({ done }) => done));
  await Promise.race([all, sleep(BACKGROUND_OUTPUT_MS, clock, isRead.signal)]);
  isRead.abort();
  await Promise.all(output.map(({ cancel }) => cancel()));
}

/** Writes what there is, until the program has ended or does not want more. */
async function feed(
  source: ReadableStream<Uint8Array>,
  target: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  // A program that reads no further closes its end, which is no failure of anybody.
  await source.pipeTo(target, { signal }).catch(() => {});
}

interface Stop {
  readonly wasAborted: boolean;
  readonly done: Promise<void>;
  /** The program has ended. */
  settle(): void;
}

/** Asks the whole group to stop when the signal aborts, and sends SIGKILL after the grace. */
function stopOnAbort(
  child: Deno.ChildProcess,
  { killGraceMs, stopSignal, leavesBackground }: Command,
  { place, signal, clock }: {
    readonly place: Place;
    readonly signal: AbortSignal;
    readonly clock: Clock;
  },
): Stop {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let wasAborted = false;
  let cancel = () => {};
  const kill = () => {
    signalGroup(child.pid, "SIGKILL");
    if (!leavesBackground) signalMarked(place.marker, "SIGKILL", child.pid);
  };
  const onAbort = () => {
    wasAborted = true;
    signalGroup(child.pid, stopSignal);
    cancel = clock.after(killGraceMs, kill);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    get wasAborted() {
      return wasAborted;
    },
    done,
    settle() {
      signal.removeEventListener("abort", onAbort);
      cancel();
      if (wasAborted) kill();
      resolve();
    },
  };
}
