import assert from "node:assert/strict";
import {
  type Driver,
  type Mount,
  type SandboxSpec,
  type TaskIo,
  type TaskSpec,
  type Volume,
  WORKSPACE_PATH,
  WORKSPACE_VOLUME,
} from "../driver.ts";
import type { DriverFixture } from "./driver_fixture.ts";

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a task of a case differs from a plain one. */
export interface TrialTask extends Partial<TaskSpec> {
  readonly io?: Partial<TaskIo>;
}

let lastTask = 0;

/** One case at work: a run of its own, with a workspace. Its end removes everything and looks whether it did. */
export class Trial implements AsyncDisposable {
  readonly fixture: DriverFixture;
  readonly runId: string = crypto.randomUUID();
  readonly #volumes = new Map<string, Promise<Volume>>();

  constructor(fixture: DriverFixture) {
    this.fixture = fixture;
  }

  get driver(): Driver {
    return this.fixture.driver;
  }

  /** Runs a command in the workspace; `sh` does it with a script. */
  async run(command: readonly string[], { io, ...part }: TrialTask = {}): Promise<Outcome> {
    const output = new Output();
    const task = await this.task({ command, ...part });
    const { code } = await this.driver.run(task, output.io(io));
    return { code, stdout: output.stdout, stderr: output.stderr };
  }

  /** Runs a script; `$1` and so on are what follows. */
  async sh(script: string, part: TrialTask = {}): Promise<Outcome> {
    return await this.run(["sh", "-c", script], part);
  }

  /** What a script prints, without the last line break. It must succeed. */
  async shText(script: string, part: TrialTask = {}): Promise<string> {
    const { code, stdout, stderr } = await this.sh(script, part);
    assert.equal(code, 0, `${script} ended with ${code}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  }

  async task(part: Partial<TaskSpec> = {}): Promise<TaskSpec> {
    return {
      ...await this.sandbox(part),
      command: ["sh", "-c", ":"],
      killGraceMs: 10_000,
      ...part,
    };
  }

  async sandbox(part: Partial<SandboxSpec> = {}): Promise<SandboxSpec> {
    const mounts = part.mounts ?? [await this.mount(WORKSPACE_VOLUME, WORKSPACE_PATH)];
    return {
      runId: this.runId,
      id: `${++lastTask}-case`,
      name: "case",
      image: this.fixture.image,
      pull: "never",
      env: {},
      workDir: undefined,
      user: undefined,
      limits: {},
      privileged: false,
      ...part,
      mounts,
    };
  }

  /** A volume of the run; the same one for the same name. */
  async volume(name: string = WORKSPACE_VOLUME): Promise<Volume> {
    let volume = this.#volumes.get(name);
    if (volume === undefined) {
      volume = this.driver.createVolume({ runId: this.runId, name });
      this.#volumes.set(name, volume);
    }
    return await volume;
  }

  async mount(name: string, path: string, readOnly = false): Promise<Mount> {
    return { volume: await this.volume(name), path, readOnly };
  }

  /** The workspace, and one more volume. */
  async mounts(name: string, path: string, readOnly = false): Promise<readonly Mount[]> {
    return [
      await this.mount(WORKSPACE_VOLUME, WORKSPACE_PATH),
      await this.mount(name, path, readOnly),
    ];
  }

  /** How a script names the mount of a volume: by its path, or by its variable. */
  place(name: string, path: string): string {
    return this.driver.capabilities.absolutePaths ? path : `"$PD_MOUNT_${name.toUpperCase()}"`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#volumes.values());
    await this.driver.endRun(this.runId);
    assert.deepEqual(await this.fixture.leftovers(this.runId), [], "something is left of the run");
  }
}

/** Takes what a command writes, and lets a case wait for it. */
export class Output {
  #stdout = new Uint8Array();
  #stderr = new Uint8Array();
  readonly #waiting = new Set<() => void>();

  get stdout(): string {
    return new TextDecoder().decode(this.#stdout);
  }

  get stderr(): string {
    return new TextDecoder().decode(this.#stderr);
  }

  get stdoutBytes(): Uint8Array {
    return this.#stdout;
  }

  io(part: Partial<TaskIo> = {}): TaskIo {
    return {
      signal: new AbortController().signal,
      onStdout: (bytes) => {
        this.#stdout = concat(this.#stdout, bytes);
        this.#look();
      },
      onStderr: (bytes) => {
        this.#stderr = concat(this.#stderr, bytes);
        this.#look();
      },
      ...part,
    };
  }

  /** Resolves when stdout holds `text`. */
  async sees(text: string): Promise<void> {
    if (this.stdout.includes(text)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => this.stdout.includes(text) && resolve();
    this.#waiting.add(look);
    await promise;
    this.#waiting.delete(look);
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Rejects with an error of that code. */
export async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.equal(Reflect.get(Object(error), "code"), code, String(error));
    return true;
  });
}
