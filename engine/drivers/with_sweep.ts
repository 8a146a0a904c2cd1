import type { Driver, Sandbox, SandboxSpec, TaskIo, TaskResult, TaskSpec } from "./driver.ts";
import type { Volume, VolumeRequest } from "./driver.ts";

/**
 * A driver that removes what dead engines left behind while it is used already. Nothing waits for that but
 * the end of the driver. When the driver cannot be used at all, its first use says so, not the sweep.
 */
export function withSweep(driver: Driver, onWarning: (message: string) => void): Driver {
  return new SweepingDriver(driver, onWarning);
}

class SweepingDriver implements Driver {
  readonly #driver: Driver;
  readonly #swept: Promise<unknown>;

  constructor(driver: Driver, onWarning: (message: string) => void) {
    this.#driver = driver;
    this.#swept = driver.ready().then(() => sweepOnce(driver, onWarning), () => undefined);
  }

  get name(): string {
    return this.#driver.name;
  }

  get capabilities(): Driver["capabilities"] {
    return this.#driver.capabilities;
  }

  get gaps(): Driver["gaps"] {
    return this.#driver.gaps;
  }

  ready(): Promise<void> {
    return this.#driver.ready();
  }

  run(task: TaskSpec, io: TaskIo): Promise<TaskResult> {
    return this.#driver.run(task, io);
  }

  createVolume(request: VolumeRequest): Promise<Volume> {
    return this.#driver.createVolume(request);
  }

  copyIn(volume: Volume, tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void> {
    return this.#driver.copyIn(volume, tar, signal);
  }

  copyOut(volume: Volume, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#driver.copyOut(volume, signal);
  }

  removeVolume(volume: Volume): Promise<void> {
    return this.#driver.removeVolume(volume);
  }

  startSandbox(sandbox: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    return this.#driver.startSandbox(sandbox, signal);
  }

  endRun(runId: string): Promise<void> {
    return this.#driver.endRun(runId);
  }

  sweep(): Promise<number> {
    return this.#driver.sweep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#swept;
    await this.#driver[Symbol.asyncDispose]();
  }
}

async function sweepOnce(driver: Driver, onWarning: (message: string) => void): Promise<void> {
  try {
    await driver.sweep();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    onWarning(`What earlier runs left on driver "${driver.name}" was not removed: ${why}`);
  }
}
