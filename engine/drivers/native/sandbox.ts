import type { ExecSpec, Sandbox, SandboxSpec, TaskIo, TaskResult } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { makePlace, type Place } from "./place.ts";
import { killMarked } from "./processes.ts";
import { runCommand, type TaskDeps } from "./tasks.ts";
import { switchUser } from "./user.ts";

/** Between SIGTERM and SIGKILL of a command in a sandbox. */
const KILL_GRACE_MS = 2_000;

/** A place where commands run; `runEnd` ends them all. */
export async function startSandbox(
  spec: SandboxSpec,
  runEnd: AbortSignal,
  deps: TaskDeps,
): Promise<Sandbox> {
  return new NativeSandbox(spec, await makePlace(spec, deps), { runEnd, deps });
}

class NativeSandbox implements Sandbox {
  readonly #spec: SandboxSpec;
  readonly #place: Place;
  readonly #deps: TaskDeps;
  readonly #runEnd: AbortSignal;
  readonly #end = new AbortController();
  readonly #active = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(
    spec: SandboxSpec,
    place: Place,
    { runEnd, deps }: { readonly runEnd: AbortSignal; readonly deps: TaskDeps },
  ) {
    this.#spec = spec;
    this.#place = place;
    this.#deps = deps;
    this.#runEnd = runEnd;
  }

  get isOpen(): boolean {
    return this.#closed === undefined && !this.#runEnd.aborted;
  }

  async exec(exec: ExecSpec, io: TaskIo): Promise<TaskResult> {
    if (!this.isOpen) {
      throw new DriverError("TASK_INVALID", `Cannot run in "${this.#spec.name}" as it is closed`);
    }
    const work = this.#run(exec, io);
    this.#active.add(work);
    try {
      return await work;
    } finally {
      this.#active.delete(work);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #run({ command, env, workDir, user }: ExecSpec, io: TaskIo): Promise<TaskResult> {
    const signal = AbortSignal.any([io.signal, this.#runEnd, this.#end.signal]);
    const prefix = user === undefined ? this.#place.prefix : await switchUser(user, this.#deps.env);
    return await runCommand(
      {
        command,
        env,
        workDir: workDir ?? this.#spec.workDir,
        prefix,
        killGraceMs: KILL_GRACE_MS,
        stopSignal: "SIGTERM",
        leavesBackground: true,
      },
      this.#place,
      {
        io: {
          signal,
          stdin: io.stdin,
          onStdout: (bytes) => io.onStdout(bytes),
          onStderr: (bytes) => io.onStderr(bytes),
          onStart: () => io.onStart?.(),
        },
        clock: this.#deps.clock,
      },
    );
  }

  async #close(): Promise<void> {
    this.#end.abort(
      new DriverError("TASK_INVALID", `Cannot go on in "${this.#spec.name}" as it was closed`),
    );
    // No grace: a container that is removed gives none either.
    await killMarked(this.#place.marker, this.#deps.clock);
    await Promise.allSettled([...this.#active]);
    await killMarked(this.#place.marker, this.#deps.clock);
    await this.#place.release();
  }
}
