import assert from "node:assert/strict";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const PATIENCE_MS = 30_000;

/** How a call of `pd` ended. */
export interface PdOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where `pd` is called. */
export interface PdPlace {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
}

/** Calls `pd` and waits for its end. */
export async function pd(args: readonly string[], place: PdPlace): Promise<PdOutcome> {
  await using running = new PdProcess(args, place);
  const code = await running.code();
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/** A running `pd`, whose pid is that of the engine itself. */
export class PdProcess implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #wake = (): void => {};
  #hasEnded = false;

  constructor(args: readonly string[], { cwd, env }: PdPlace) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", MAIN, ...args],
      cwd,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      this.#read(this.#child.stdout, (text) => this.stdout += text),
      this.#read(this.#child.stderr, (text) => this.stderr += text),
    ]).finally(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when what was printed matches; fails a test that would wait for ever. */
  async until(wanted: RegExp): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!wanted.test(this.stdout) && !wanted.test(this.stderr)) {
      const said = `${this.stdout}\n${this.stderr}`;
      if (this.#hasEnded) assert.fail(`${wanted} never came:\n${said}`);
      if (performance.now() > deadline) assert.fail(`${wanted} did not come in time:\n${said}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async code(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.code();
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    add: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      add(text);
      this.#wake();
    }
  }
}
