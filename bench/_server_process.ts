/** A server in a process of its own, from its spawning to the line that says where it listens. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<void>;
  readonly port: number;
  /** `performance.now()` of the moment before it was spawned. */
  readonly spawnedAt: number;

  private constructor(
    child: Deno.ChildProcess,
    place: { readonly port: number; readonly spawnedAt: number; readonly drained: Promise<void> },
  ) {
    this.#child = child;
    this.#drained = place.drained;
    this.port = place.port;
    this.spawnedAt = place.spawnedAt;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Starts `deno run` with `args`; the program tells `listening on http://…:PORT` on stderr. */
  static async start(
    args: readonly string[],
    env: { readonly [name: string]: string } = {},
  ): Promise<ServerProcess> {
    const spawnedAt = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", ...args],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const listening = Promise.withResolvers<number>();
    const drained = (async () => {
      let text = "";
      for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (text.length < 10_000) text += chunk;
        const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
        if (port !== undefined) listening.resolve(Number(port));
      }
      listening.reject(new Error(`The server ended before it listened: ${text}`));
    })();
    listening.promise.catch(() => {});
    return new ServerProcess(child, { port: await listening.promise, spawnedAt, drained });
  }

  /** The engine's own server for a workflow folder. */
  static engine(dir: string, flags: readonly string[] = []): Promise<ServerProcess> {
    const entry = new URL("../engine/main.ts", import.meta.url).href;
    return ServerProcess.start([entry, "--workflow", dir, "--port", "0", ...flags]);
  }

  /** A server that answers a fixed JSON document and does nothing else: the floor of any HTTP figure. */
  static bare(): Promise<ServerProcess> {
    const source = `Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) =>
      Deno.stderr.writeSync(new TextEncoder().encode("listening on http://127.0.0.1:" + port + "\\n")) },
      async (request) => { await request.text(); return Response.json({ success: true, outputs: { a: 1 } }); });`;
    return ServerProcess.start([`data:text/javascript,${encodeURIComponent(source)}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#drained;
  }
}
