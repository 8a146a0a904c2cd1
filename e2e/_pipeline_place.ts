import { pd, type PdOutcome, PdProcess } from "./_pd_process.ts";

/** A folder to call `pd` in, with stored pipelines and a storage of its own. */
export class PipelinePlace implements AsyncDisposable {
  /** Absolute. */
  readonly cwd: string;
  readonly #data: string;

  private constructor(cwd: string, data: string) {
    this.cwd = cwd;
    this.#data = data;
  }

  /** Makes it, with files below its folder. */
  static async open(files: { readonly [path: string]: string } = {}): Promise<PipelinePlace> {
    const cwd = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd pipelines " }));
    const data = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-data-" }));
    const place = new PipelinePlace(cwd, data);
    for (const [path, text] of Object.entries(files)) await place.write(path, text);
    return place;
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(`${this.cwd}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${this.cwd}/${path}`, text);
  }

  /** Stores a pipeline. */
  async store(
    name: string,
    { driver, code }: { readonly driver: string; readonly code: string },
  ): Promise<void> {
    const path = `${this.#data}/${name}.ts`;
    await Deno.writeTextFile(path, code);
    const { code: exit, stderr } = await this.pd([
      ...["set-pipeline", path, "--name", name],
      ...["--driver", driver],
    ]);
    if (exit !== 0) throw new Error(stderr);
  }

  /** Calls `pd` in the folder, or in one below it. */
  pd(
    args: readonly string[],
    env: { readonly [name: string]: string } = {},
    below = ".",
  ): Promise<PdOutcome> {
    return pd(args, { cwd: `${this.cwd}/${below}`, env: { ...env, PD_DATA_DIR: this.#data } });
  }

  start(args: readonly string[], env: { readonly [name: string]: string } = {}): PdProcess {
    return new PdProcess(args, { cwd: this.cwd, env: { ...env, PD_DATA_DIR: this.#data } });
  }

  /** Every byte that is kept of its runs. */
  async kept(): Promise<string> {
    let text = "";
    for await (const { name } of Deno.readDir(this.#data)) {
      if (!name.startsWith("runs.db")) continue;
      text += new TextDecoder("latin1").decode(await Deno.readFile(`${this.#data}/${name}`));
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.cwd, { recursive: true });
    await Deno.remove(this.#data, { recursive: true });
  }
}
