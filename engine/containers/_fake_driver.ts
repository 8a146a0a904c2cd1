import type {
  Capabilities,
  CollectedFile,
  ContainerSpec,
  Driver,
  ExecSpec,
  Sandbox,
  SandboxSpec,
  TaskIo,
  TaskResult,
  TaskSpec,
  Volume,
  VolumeRequest,
} from "../drivers/mod.ts";
import { DriverError } from "../drivers/mod.ts";
import { packTree, unpackTree } from "../workspace/mod.ts";

/** What a fake program sees and does. */
export interface FakeProgram {
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly spec: ContainerSpec;
  readonly signal: AbortSignal;
  /** Folder of the volume that is mounted there. */
  dir(path: string): string;
  input(): Promise<string>;
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** Writes one of the task's files. */
  write(name: string, text: string): void;
  /** Content of one of the task's files. */
  read(name: string): string;
}

/** Programs by name. What they answer is their exit code, 0 for nothing. */
export type FakePrograms = {
  readonly [name: string]: (
    program: FakeProgram,
  ) => TaskResult | Promise<number | void> | number | void;
};

/** A driver whose containers are functions, whose volumes are folders, and that notes what it is told to do. */
export class FakeDriver implements Driver {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly gaps = { limits: "it is a fake" };
  /** What was done, in order: `run render-1`, `create workdir`, `end run-1` … */
  readonly done: string[] = [];
  readonly tasks: TaskSpec[] = [];
  readonly sandboxes: SandboxSpec[] = [];
  /** Containers and commands that run at this moment. */
  readonly running = new Set<string>();
  /** Thrown by `startSandbox`. */
  sandboxError: Error | undefined;
  /** Awaited before a stopped program is gone. */
  stopping: Promise<void> | undefined;
  readonly #programs: FakePrograms;
  readonly #dir: string;
  readonly #volumes = new Map<string, Volume & { readonly hostPath: string }>();

  constructor(
    programs: FakePrograms,
    options: {
      readonly dir: string;
      readonly name?: string;
      readonly capabilities?: Partial<Capabilities>;
    },
  ) {
    this.#programs = programs;
    this.#dir = options.dir;
    this.name = options.name ?? "fake";
    this.capabilities = {
      images: true,
      isolation: true,
      sandbox: true,
      limits: true,
      processLimit: true,
      privileged: true,
      user: true,
      sharedVolumes: true,
      absolutePaths: true,
      readOnlyMounts: true,
      stdin: true,
      ...options.capabilities,
    };
  }

  get volumes(): readonly string[] {
    return [...this.#volumes.values()].map(({ name }) => name);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  async run(task: TaskSpec, io: TaskIo): Promise<TaskResult> {
    this.done.push(`run ${task.id}`);
    this.tasks.push(task);
    const files = new Map<string, string>();
    for (const { name, content } of task.files ?? []) {
      if (content !== undefined) files.set(name, new TextDecoder().decode(content));
    }
    const names = (task.files ?? []).map(({ name, variable }) => [variable, `/.pd/${name}`]);
    const env = { ...task.env, ...Object.fromEntries(names) };
    const result = await this.#execute(task, {
      id: task.id,
      command: task.command ?? ["default"],
      env,
      files,
    }, io);
    return { ...result, files: collected(task, files) };
  }

  async createVolume({ runId, name }: VolumeRequest): Promise<Volume> {
    const id = `${runId}-${name}`;
    const known = this.#volumes.get(id);
    if (known !== undefined) return known;
    this.done.push(`create ${name}`);
    const hostPath = await Deno.makeTempDir({ dir: this.#dir });
    const volume = { id, runId, name, hostPath };
    this.#volumes.set(id, volume);
    return volume;
  }

  async copyIn(volume: Volume, tar: ReadableStream<Uint8Array>): Promise<void> {
    this.done.push(`in ${volume.name}`);
    await unpackTree(this.#pathOf(volume), tar);
  }

  copyOut(volume: Volume): Promise<ReadableStream<Uint8Array>> {
    this.done.push(`out ${volume.name}`);
    return Promise.resolve(packTree(this.#pathOf(volume)));
  }

  async removeVolume(volume: Volume): Promise<void> {
    this.done.push(`remove ${volume.name}`);
    this.#volumes.delete(volume.id);
    await Deno.remove(this.#pathOf(volume), { recursive: true });
  }

  startSandbox(spec: SandboxSpec): Promise<Sandbox> {
    if (this.sandboxError !== undefined) return Promise.reject(this.sandboxError);
    this.done.push(`start ${spec.image}`);
    this.sandboxes.push(spec);
    let isOpen = true;
    const id = `sandbox ${spec.id}`;
    this.running.add(id);
    return Promise.resolve({
      get isOpen() {
        return isOpen;
      },
      exec: (exec: ExecSpec, io: TaskIo) => {
        this.done.push(`exec ${exec.command.join(" ")}`);
        if (!isOpen) {
          return Promise.reject(new DriverError("TASK_INVALID", "Cannot exec as it is closed"));
        }
        const env = { ...spec.env, ...exec.env };
        return this.#execute(spec, {
          id: exec.command.join(" "),
          command: exec.command,
          env,
          files: new Map(),
        }, io);
      },
      [Symbol.asyncDispose]: () => {
        if (isOpen) this.done.push(`close ${spec.image}`);
        isOpen = false;
        this.running.delete(id);
        return Promise.resolve();
      },
    });
  }

  async endRun(runId: string): Promise<void> {
    this.done.push(`end ${runId}`);
    for (const [id, volume] of this.#volumes) {
      if (volume.runId !== runId) continue;
      this.#volumes.delete(id);
      await Deno.remove(volume.hostPath, { recursive: true });
    }
  }

  sweep(): Promise<number> {
    return Promise.resolve(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.done.push("dispose");
    return Promise.resolve();
  }

  #pathOf({ hostPath }: Volume): string {
    return hostPath ?? "";
  }

  async #execute(
    spec: ContainerSpec,
    { id, command, env, files }: {
      readonly id: string;
      readonly command: readonly string[];
      readonly env: { readonly [name: string]: string };
      readonly files: Map<string, string>;
    },
    io: TaskIo,
  ): Promise<TaskResult> {
    const program = this.#programs[command[0] === "sh" ? command[3] ?? "" : command[0] ?? ""];
    if (program === undefined) return { code: 127 };
    this.running.add(id);
    try {
      io.onStart?.();
      const code = await orStopped(
        program({
          command,
          env,
          spec,
          signal: io.signal,
          dir: (path) =>
            this.#pathOf(spec.mounts.find((mount) => mount.path === path)?.volume as Volume),
          input: async () => io.stdin === undefined ? "" : await new Response(io.stdin).text(),
          out: (text) =>
            io.onStdout(typeof text === "string" ? new TextEncoder().encode(text) : text),
          err: (text) => io.onStderr(new TextEncoder().encode(text)),
          write: (name, text) => void files.set(name, text),
          read: (name) => files.get(name) ?? "",
        }),
        io.signal,
      );
      return typeof code === "object" ? code : { code: code ?? 0 };
    } catch (error) {
      await this.stopping;
      throw error;
    } finally {
      this.running.delete(id);
    }
  }
}

function collected(task: TaskSpec, files: ReadonlyMap<string, string>) {
  const found: Record<string, CollectedFile> = {};
  for (const { name, collectBytes } of task.files ?? []) {
    const text = files.get(name);
    if (collectBytes === undefined || text === undefined) continue;
    const bytes = new TextEncoder().encode(text);
    found[name] = { bytes: bytes.slice(0, collectBytes), isTruncated: bytes.length > collectBytes };
  }
  return found;
}

async function orStopped<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
