import { PdProcess } from "./_pd_process.ts";
import { PrunnerClient } from "./_prunner_client.ts";

/** What a server is started with. */
export interface PrunnerServerOptions {
  /** By path below its folder; `pipelines.yml` among them. */
  readonly files: { readonly [path: string]: string };
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

/** How long a server may take to end its scripts before it is killed. */
const STOP_MS = 10_000;
const SECRET = "a secret of the suite alone";

/** A folder with pipelines, and `pd serve` on it as a process of its own. */
export class PrunnerServer implements AsyncDisposable {
  /** Where it was started, and scripts run. */
  readonly folder: string;
  readonly #options: PrunnerServerOptions;
  #process: PdProcess | undefined;
  #client: PrunnerClient | undefined;

  private constructor(folder: string, options: PrunnerServerOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** Resolves when it answers. */
  static async start(options: PrunnerServerOptions): Promise<PrunnerServer> {
    const server = await PrunnerServer.prepare(options);
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Writes the files, and starts nothing. */
  static async prepare(options: PrunnerServerOptions): Promise<PrunnerServer> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-prunner-" }));
    const server = new PrunnerServer(folder, options);
    await server.write({
      ".prunner.yml": `jwt_secret: ${SECRET}\n`,
      ...options.files,
    });
    return server;
  }

  get client(): PrunnerClient {
    if (this.#client === undefined) throw new Error("the server was not started");
    return this.#client;
  }

  get process(): PdProcess {
    if (this.#process === undefined) throw new Error("the server was not started");
    return this.#process;
  }

  /** Starts it, once more after it has ended. */
  async start(): Promise<void> {
    this.launch();
    await this.process.until(/^http:\S+$/m);
    this.#client?.[Symbol.dispose]();
    this.#client = new PrunnerClient(this.process.stdout.trim(), SECRET);
  }

  /** Starts it without waiting. */
  launch(): PdProcess {
    const { args = [], env = {} } = this.#options;
    return this.#process = new PdProcess(["serve", "--address", "127.0.0.1:0", ...args], {
      cwd: this.folder,
      env: { PD_DATA_DIR: `${this.folder}/own`, ...env },
    });
  }

  /** Writes files below its folder. */
  async write(files: { readonly [path: string]: string }): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = `${this.folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
  }

  /** Lets scripts that wait for this file go on. */
  touch(path: string): Promise<void> {
    return this.write({ [path]: "" });
  }

  read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.folder}/${path}`);
  }

  async has(path: string): Promise<boolean> {
    return await Deno.stat(`${this.folder}/${path}`).then(() => true, () => false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.[Symbol.dispose]();
    await this.#stop();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** What a killed server leaves behind would outlive a test that failed. */
  async #stop(): Promise<void> {
    if (this.#process === undefined) return;
    try {
      this.#process.signal("SIGTERM");
    } catch {
      // It has ended.
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_MS);
    await Promise.race([this.#process.code(), promise]);
    clearTimeout(timer);
    await this.#process[Symbol.asyncDispose]();
  }
}

/** A line of bash that waits for a file below the folder of the server. */
export function waitFor(path: string): string {
  return `until [ -e ${path} ]; do sleep 0.02; done`;
}
