const MAIN = new URL("../engine/main.ts", import.meta.url).pathname;

/** An engine to be killed at any moment. */
export class ChaosEngine {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  /** Where it listens; never resolves when it ends before. */
  readonly url: Promise<string>;
  #text = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const listening = Promise.withResolvers<string>();
    this.url = listening.promise;
    this.#read = (async () => {
      for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
        this.#text = (this.#text + chunk).slice(-20_000);
        const port = /listening on http:\/\/[^:]+:(\d+)/.exec(this.#text)?.[1];
        if (port !== undefined) listening.resolve(`http://127.0.0.1:${port}`);
      }
      listening.reject(new Error(`The engine ended before it listened: ${this.#text}`));
    })();
    this.url.catch(() => {});
  }

  /** Starts the engine of a pod over a workflow and a storage. */
  static start(dir: string, storageUrl: string): ChaosEngine {
    const flags = ["--workflow", dir, "--storage", storageUrl, "--port", "0", "--grace", "20"];
    return new ChaosEngine(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", MAIN, ...flags],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn(),
    );
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** SIGKILL. May be called again. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
    await this.#child.status;
    await this.#read;
  }

  /** SIGTERM, and an end in order. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    await this.#read;
    if (code !== 0) throw new Error(`The engine ended with ${code}: ${this.#text}`);
  }
}
