import type { Row } from "../harness.ts";
import { timeCommand } from "../time_command.ts";

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
const OPTIONS = { samples: 15 };

/** Wall time of `pd run NAME` for a pipeline that starts one program of this machine. */
export async function echoOnNative(): Promise<Row> {
  await using home = await PipelineHome.make();
  await timeCommand([PD, ...home.store], { ...home.place, warmUps: 0, samples: 1 });
  const bare = await timeCommand(["echo", "hello"], { samples: 15 });
  const run = await timeCommand([PD, "run", "echo", "hello"], { ...home.place, ...OPTIONS });
  return {
    what: "pd run echo on native",
    figure: run.median,
    p90: run.p90,
    unit: "ms",
    baseline: { what: "echo", figure: bare.median },
    target: { atMost: 200 },
  };
}

/** Wall time of storing it: it is bundled and type-checked. */
export async function setPipeline(): Promise<Row> {
  await using home = await PipelineHome.make();
  const check = await timeCommand([Deno.execPath(), "check", "--quiet", "echo.ts"], {
    ...home.place,
    samples: 5,
  });
  const stored = await timeCommand([PD, ...home.store], { ...home.place, samples: 5 });
  return {
    what: "pd set-pipeline",
    figure: stored.median,
    p90: stored.p90,
    unit: "ms",
    baseline: { what: "deno check", figure: check.median },
  };
}

/** A folder with a pipeline, and a data folder of its own. */
class PipelineHome implements AsyncDisposable {
  readonly store = ["set-pipeline", "echo.ts", "--name", "echo", "--driver", "native"];
  readonly place: { readonly cwd: string; readonly env: { readonly [name: string]: string } };
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.place = { cwd: `${dir}/work`, env: { PD_DATA_DIR: `${dir}/data` } };
  }

  static async make(): Promise<PipelineHome> {
    const dir = await Deno.makeTempDir();
    await Deno.mkdir(`${dir}/work`);
    await Deno.writeTextFile(`${dir}/work/echo.ts`, ECHO);
    const engine = new URL("../../engine/mod.ts", import.meta.url).href;
    const config = { imports: { pipedreamer: engine } };
    await Deno.writeTextFile(`${dir}/work/deno.json`, JSON.stringify(config));
    return new PipelineHome(dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}
