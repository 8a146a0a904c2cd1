import { measurePair, type PairSample } from "../measure_pair.ts";

const STORE = ["set-pipeline", "echo.ts", "--name", "echo", "--driver", "native"];
const PD = new URL("../../pd", import.meta.url).pathname;
const ECHO = `import "pipedreamer";

export async function pipeline(): Promise<void> {
  await runtime.run({
    name: "echo",
    image: "docker.io/library/busybox:1",
    command: { path: "echo", args: pipelineContext.args },
  });
}
`;

/** Wall time of `pd run NAME` for a pipeline that starts one program of this machine. */
export async function echoOnNative(): Promise<PairSample> {
  await using home = await PipelineHome.make();
  await home.run(PD, ...STORE);
  return await measurePair({
    ours: () => home.run(PD, "run", "echo", "hello"),
    raw: () => home.run(Deno.execPath(), "run", "data:text/javascript,"),
  }, { samples: 15 });
}

/** Wall time of storing it when it has changed: it is bundled and type-checked. */
export async function setPipeline(): Promise<PairSample> {
  await using home = await PipelineHome.make();
  return await measurePair({
    ours: () => home.run(PD, ...STORE),
    raw: () => home.run(Deno.execPath(), "check", "--quiet", "echo.ts"),
    after: () => home.change(),
  }, { samples: 5 });
}

/** A folder with a pipeline, and a data folder of its own. */
class PipelineHome implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async make(): Promise<PipelineHome> {
    const home = new PipelineHome(await Deno.makeTempDir());
    await Deno.mkdir(`${home.#dir}/work`);
    await home.change();
    const engine = new URL("../../engine/mod.ts", import.meta.url).href;
    const config = { imports: { pipedreamer: engine } };
    await Deno.writeTextFile(`${home.#dir}/work/deno.json`, JSON.stringify(config));
    return home;
  }

  /** Gives the pipeline a text that it never had, so that nothing about it is remembered. */
  async change(): Promise<void> {
    await Deno.writeTextFile(
      `${this.#dir}/work/echo.ts`,
      `${ECHO}export const id = "${crypto.randomUUID()}";\n`,
    );
  }

  async run(program: string, ...args: string[]): Promise<void> {
    const command = new Deno.Command(program, {
      args,
      cwd: `${this.#dir}/work`,
      env: { PD_DATA_DIR: `${this.#dir}/data` },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const { success, stderr } = await command.output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}
