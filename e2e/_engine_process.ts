import assert from "node:assert/strict";

const PATIENCE_MS = 20_000;
const MAIN = new URL("../engine/main.ts", import.meta.url).pathname;

/** A running `engine/main.ts`. */
export interface EngineProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What it wrote until it listened. */
  readonly greeting: string;
  /** Resolves with the rest of stderr so far when it matches. */
  logged(pattern: RegExp): Promise<string>;
  kill(signal: Deno.Signal): void;
  readonly status: Promise<Deno.CommandStatus>;
}

/** How the engine is started, where it is not as usual. */
export interface EngineOptions {
  /** Added to this process's own environment. */
  readonly env?: Record<string, string>;
  readonly log?: "json" | "text";
}

/** How the engine ended before it listened. */
export interface EngineFailure {
  readonly code: number;
  readonly stderr: string;
}

/** Starts the engine on a free port, hands it to `test`, and leaves nothing of it behind. */
export async function withEngine(
  args: readonly string[],
  test: (engine: EngineProcess) => Promise<void>,
  { env = {}, log = "text" }: EngineOptions = {},
): Promise<void> {
  const child = command([...args, "--port", "0", "--log", log], "null", env).spawn();
  const stderr = new Reader(child.stderr);
  try {
    const text = await stderr.until(/listening on http:\S+:(\d+)\n/);
    const port = Number(/listening on http:\S+:(\d+)\n/.exec(text)?.[1]);
    await test({
      url: `http://127.0.0.1:${port}`,
      port,
      pid: child.pid,
      greeting: text,
      logged: (pattern) => stderr.until(pattern),
      kill: (signal) => child.kill(signal),
      status: child.status,
    });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
    await child.status;
    await stderr.close();
  }
}

/** Runs the engine to an end that comes by itself. */
export async function runEngine(
  args: readonly string[],
): Promise<EngineFailure & { stdout: string }> {
  const { code, stdout, stderr } = await command(args, "piped").output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Makes a workflow folder of the given files, and removes it afterwards. */
export async function withFolder(
  files: { readonly [path: string]: string },
  test: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What holds runs in flight for as long as a test likes. */
export interface Gate {
  readonly url: string;
  /** Resolves when so many nodes wait. */
  arrived(count: number): Promise<void>;
  open(): void;
}

/** A server whose answers wait until `open()`. */
export async function withGate(
  test: (gate: Gate) => Promise<void>,
): Promise<void> {
  const opened = Promise.withResolvers<void>();
  let waiting = 0;
  let wake = (): void => {};
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    waiting++;
    wake();
    await opened.promise;
    return new Response("open");
  });
  try {
    await test({
      url: `http://127.0.0.1:${server.addr.port}`,
      open: opened.resolve,
      async arrived(count) {
        while (waiting < count) await new Promise<void>((resolve) => wake = resolve);
      },
    });
  } finally {
    opened.resolve();
    await server.shutdown();
  }
}

/** Asks again and again until `isEnough` holds of the answer. */
export async function untilHealth(
  engine: EngineProcess,
  isEnough: (health: { activeRuns: number; pids: number[] }) => boolean,
): Promise<{ activeRuns: number; pids: number[] }> {
  for (let i = 0; i < 20_000; i++) {
    const health = await (await fetch(`${engine.url}/health?detail=1`)).json();
    if (isEnough(health)) return health;
  }
  assert.fail("the engine never came to that state");
}

function command(
  args: readonly string[],
  stdout: "null" | "piped",
  env: Record<string, string> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", MAIN, ...args],
    env,
    stdin: "null",
    stdout,
    stderr: "piped",
  });
}

/** Text of a stream, searched as it comes. Each match is looked for behind the one before. */
class Reader {
  readonly #reading: Promise<void>;
  readonly #stream: ReadableStreamDefaultReader<string>;
  #text = "";
  #from = 0;
  #wake = (): void => {};
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#stream = stream.pipeThrough(new TextDecoderStream()).getReader();
    this.#reading = this.#read();
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#text.slice(this.#from));
      if (match !== null) {
        const seen = this.#text.slice(this.#from, this.#from + match.index + match[0].length);
        this.#from += seen.length;
        return seen;
      }
      if (this.#ended) assert.fail(`${pattern} was never logged:\n${this.#text}`);
      if (!await this.#more()) assert.fail(`${pattern} was not logged in time:\n${this.#text}`);
    }
  }

  /** False when nothing came for a long time, so that a test fails and does not hang. */
  #more(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  async close(): Promise<void> {
    await this.#reading;
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#stream.read();
      if (done) break;
      this.#text += value;
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }
}
