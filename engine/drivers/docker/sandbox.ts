import type { ExecSpec, Sandbox, SandboxSpec, TaskIo, TaskResult } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import type { Hijacked } from "./client.ts";
import { createContainer, invalid } from "./create_container.ts";
import type { DockerContext } from "./docker_context.ts";
import { runExec } from "./exec.ts";
import { labelsOf } from "./labels.ts";
import { nameOf } from "../names.ts";
import { removeContainer } from "./remove_container.ts";

/**
 * Says that it is there, then waits for the end of its input: that is ours, and ends with us, so that a killed
 * engine takes its sandboxes with it. Builtins only, for every shell there is.
 */
const KEEPER = ["sh", "-c", "echo; read -r _"];
/** A frame of one line end. */
const GREETING_BYTES = 9;

/**
 * Starts a container that stays.
 *
 * @throws {DriverError} `NOT_SUPPORTED` when its image has no shell
 */
export async function startSandbox(
  context: DockerContext,
  spec: SandboxSpec,
  options: { readonly signal: AbortSignal; onClose(): void },
): Promise<Sandbox> {
  const { client, owner, machine } = context;
  const { signal } = options;
  const containerName = await nameOf(spec.name, [owner.id, spec.runId, "sandbox", spec.id]);
  const id = await createContainer(context, spec, {
    containerName,
    labels: labelsOf(owner, { machine, runId: spec.runId, task: spec.id }),
    command: KEEPER,
    hasStdin: true,
    signal,
  });
  if (id === undefined) {
    throw new DriverError("TASK_INVALID", `Cannot start sandbox "${spec.id}" as it exists already`);
  }
  let keeper: Hijacked | undefined;
  try {
    signal.throwIfAborted();
    keeper = await client.hijack({
      method: "POST",
      path: `/containers/${id}/attach`,
      query: { stream: "1", stdin: "1", stdout: "1", stderr: "1" },
    });
    await client.ask({ method: "POST", path: `/containers/${id}/start` });
    if (!await greets(keeper.reader)) throw noShell(spec);
    signal.throwIfAborted();
    return new DockerSandbox(context, { id, spec, keeper, onClose: options.onClose });
  } catch (error) {
    keeper?.close();
    await removeContainer(client, id).catch(() => {});
    throw /executable file not found|no such file/i.test(String(error))
      ? noShell(spec)
      : invalid(spec, error);
  }
}

/** Whether the first that comes is its line on stdout, not a complaint or the end. */
async function greets(reader: ByteReader): Promise<boolean> {
  const frame = await reader.exactly(GREETING_BYTES).catch(() => undefined);
  return frame?.[0] === 1 && frame[GREETING_BYTES - 1] === 10;
}

function noShell(spec: SandboxSpec): DriverError {
  return new DriverError(
    "NOT_SUPPORTED",
    `Cannot keep a container of image "${spec.image}" as it has no shell "sh"`,
    { fix: "Run its commands as containers of their own, or take an image with a shell" },
  );
}

interface Running {
  readonly id: string;
  readonly spec: SandboxSpec;
  readonly keeper: Hijacked;
  onClose(): void;
}

class DockerSandbox implements Sandbox {
  readonly #context: DockerContext;
  readonly #running: Running;
  readonly #over: Promise<void>;
  #isOpen = true;
  #removed: Promise<void> | undefined;

  constructor(context: DockerContext, running: Running) {
    this.#context = context;
    this.#running = running;
    this.#over = this.#watch();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async exec(exec: ExecSpec, io: TaskIo): Promise<TaskResult> {
    const { id, spec } = this.#running;
    if (!this.#isOpen) {
      throw new DriverError("TASK_INVALID", `Cannot use sandbox "${spec.id}" as it is closed`);
    }
    try {
      return await runExec(this.#context, id, { exec, io, remove: () => this.#remove() });
    } catch (error) {
      throw invalid(spec, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
    await this.#over;
  }

  #remove(): Promise<void> {
    this.#isOpen = false;
    return this.#removed ??= this.#removeOnce();
  }

  async #removeOnce(): Promise<void> {
    const { id, keeper, onClose } = this.#running;
    try {
      await removeContainer(this.#context.client, id);
      onClose();
    } finally {
      keeper.close();
    }
  }

  /** Its output ends with it. */
  async #watch(): Promise<void> {
    const { reader } = this.#running.keeper;
    try {
      while (await reader.some(1024) !== undefined);
    } catch {
      // closed by us
    }
    this.#isOpen = false;
  }
}
