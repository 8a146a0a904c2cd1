import { systemClock } from "../engine/clock/mod.ts";
import {
  type Driver,
  openDriver,
  type OpenDriverOptions,
  type SandboxSpec,
  type TaskIo,
  type TaskResult,
  type TaskSpec,
} from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX, type DockerServer } from "./_docker_server.ts";

/** A task or a sandbox of nothing but an image, but for what a test says. */
export const PLAIN: Omit<TaskSpec, "id" | "command"> = {
  runId: "run",
  name: "step",
  image: BUSYBOX,
  pull: "never",
  env: {},
  workDir: undefined,
  user: undefined,
  mounts: [],
  limits: {},
  privileged: false,
  killGraceMs: 1_000,
};

/** How a command ended, and what it wrote, as text. */
export interface Ran extends TaskResult {
  readonly stdout: string;
  readonly stderr: string;
}

let tasks = 0;

/** The driver of a server, for this process. */
export async function openDocker(
  { address }: Pick<DockerServer, "address">,
  options: Partial<OpenDriverOptions> = {},
): Promise<Driver> {
  return await openDriver(address, {
    clock: systemClock,
    owner: currentOwner(),
    env: () => undefined,
    cwd: Deno.cwd(),
    dataDir: "/nowhere",
    onWarning() {},
    ...options,
  });
}

/** Runs a command in a container of its own. */
export async function runIn(
  driver: Driver,
  command: readonly string[] | undefined,
  options: Partial<TaskSpec> & { readonly io?: Partial<TaskIo> } = {},
): Promise<Ran> {
  const { io, ...spec } = options;
  const task = { ...PLAIN, id: `task-${++tasks}`, command, ...spec };
  return await gathered((whole) => driver.run(task, whole), io);
}

/** A sandbox with a way to run a command in it. */
export async function startBox(
  driver: Driver,
  options: Partial<SandboxSpec> = {},
): Promise<
  AsyncDisposable & {
    readonly isOpen: boolean;
    exec(
      command: readonly string[],
      options?: { readonly user?: string; readonly io?: Partial<TaskIo> },
    ): Promise<Ran>;
  }
> {
  const sandbox = await driver.startSandbox({ ...PLAIN, id: `box-${++tasks}`, ...options });
  return {
    get isOpen() {
      return sandbox.isOpen;
    },
    exec: (command, { user, io } = {}) =>
      gathered((whole) => sandbox.exec({ command, env: {}, workDir: undefined, user }, whole), io),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** A text as standard input. */
export function textStream(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}

async function gathered(
  run: (io: TaskIo) => Promise<TaskResult>,
  io: Partial<TaskIo> = {},
): Promise<Ran> {
  const out = new TextDecoder();
  const err = new TextDecoder();
  let stdout = "";
  let stderr = "";
  const result = await run({
    signal: new AbortController().signal,
    ...io,
    onStdout(bytes) {
      stdout += out.decode(bytes, { stream: true });
      io.onStdout?.(bytes);
    },
    onStderr(bytes) {
      stderr += err.decode(bytes, { stream: true });
      io.onStderr?.(bytes);
    },
  });
  return { ...result, stdout, stderr };
}
