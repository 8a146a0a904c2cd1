import { settledWithin } from "../until_ended.ts";
import type { ExecSpec, Sandbox, SandboxSpec, TaskIo, TaskResult } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { driverError } from "./driver_errors.ts";
import { runInPod, signalOnce } from "./exec.ts";
import { startKeeperPod } from "./keeper_pod.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { absoluteDir, workDirOf } from "./pod_body.ts";
import { findPod, removePod } from "./pods.ts";

const GRACE_MS = 5_000;
const FORCE_MS = 2_000;

/**
 * Starts a pod that stays.
 *
 * @throws {DriverError} `NOT_SUPPORTED` when its image has no shell
 */
export async function startSandbox(
  context: KubernetesContext,
  spec: SandboxSpec,
  options: { readonly signal: AbortSignal; onClose(): void },
): Promise<Sandbox> {
  const { signal, onClose } = options;
  const podName = await startKeeperPod(context, spec, { id: `sandbox ${spec.id}`, signal });
  if (podName !== undefined) return new PodSandbox(context, { podName, spec, onClose });
  throw new DriverError(
    "NOT_SUPPORTED",
    `Cannot keep a container of image "${spec.image}" as it has no shell "sh"`,
    { fix: "Run its commands as containers of their own, or take an image with a shell" },
  );
}

interface Running {
  readonly podName: string;
  readonly spec: SandboxSpec;
  onClose(): void;
}

class PodSandbox implements Sandbox {
  readonly #context: KubernetesContext;
  readonly #running: Running;
  readonly #commands = new Set<AbortController>();
  #isOpen = true;
  #removed: Promise<void> | undefined;

  constructor(context: KubernetesContext, running: Running) {
    this.#context = context;
    this.#running = running;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async exec(exec: ExecSpec, io: TaskIo): Promise<TaskResult> {
    const { podName, spec } = this.#running;
    if (!this.#isOpen) {
      throw new DriverError("TASK_INVALID", `Cannot use sandbox "${spec.id}" as it is closed`);
    }
    if (exec.user !== undefined && exec.user !== spec.user) {
      throw new DriverError(
        "NOT_SUPPORTED",
        `Cannot run a command as user "${exec.user}" as pods have one user: ${
          spec.user ?? "that of the image"
        }`,
        { fix: "Set the user of the container as a whole" },
      );
    }
    const command: Parameters<typeof runInPod>[1] = {
      podName,
      command: exec.command,
      env: { ...spec.env, ...exec.env },
      workDir: exec.workDir === undefined ? workDirOf(spec) : absoluteDir(exec.workDir),
      graceMs: GRACE_MS,
      force: (mark, ended) => this.#force(mark, ended),
    };
    const closing = new AbortController();
    this.#commands.add(closing);
    const signal = AbortSignal.any([io.signal, closing.signal]);
    try {
      const { code, isOutOfMemory } = await runInPod(this.#context, command, { ...io, signal });
      if (isOutOfMemory) await this.#remove();
      return isOutOfMemory ? { code, reason: "out_of_memory" } : { code };
    } catch (error) {
      if (!io.signal.aborted) await this.#look();
      throw driverError(error);
    } finally {
      this.#commands.delete(closing);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }

  /** After the grace: SIGKILL, and at last the end of the sandbox. At once when the command has ended. */
  async #force(mark: string, ended: Promise<unknown>): Promise<void> {
    const { clock } = this.#context;
    if (!this.#isOpen || await settledWithin(ended, 0, clock)) return;
    const { podName } = this.#running;
    await signalOnce(this.#context, podName, { mark, name: "KILL" }).catch(() => false);
    if (await settledWithin(ended, FORCE_MS, clock)) return;
    await this.#remove().catch(() => {});
  }

  /** Whether the pod is still there to run commands. */
  async #look(): Promise<void> {
    const pod = await findPod(this.#context, this.#running.podName).catch(() => undefined);
    if (pod?.status?.phase !== "Running" || pod.metadata.deletionTimestamp) this.#isOpen = false;
  }

  #remove(): Promise<void> {
    this.#isOpen = false;
    return this.#removed ??= this.#removeOnce();
  }

  async #removeOnce(): Promise<void> {
    await removePod(this.#context, this.#running.podName);
    for (const command of this.#commands) {
      command.abort(new DOMException("The sandbox is closed", "AbortError"));
    }
    this.#running.onClose();
  }
}
