import { openWorkflow } from "../../engine/workflow/mod.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";
import { type Row, type Suite, summarize } from "../harness.ts";

/** How soon what must stop has stopped. */
export const suite: Suite = { name: "limits", measure: measureLimits };

const PD = new URL("../../pd", import.meta.url).pathname;
const LOOP = `export default async () => {
  console.log("spinning");
  await new Promise((resolve) => setTimeout(resolve, 1));
  while (true);
};\n`;
const RUNS = 9;

async function measureLimits(): Promise<readonly Row[]> {
  return [await timeout(), await orphan()];
}

async function timeout(): Promise<Row> {
  await using folder = await WorkflowFolder.chain(1, `export default () => { while (true); };\n`);
  await Deno.writeTextFile(`${folder.dir}/workflow.yaml`, "config: { timeout: 500ms }\n", {
    append: true,
  });
  await using workflow = await openWorkflow({ dir: folder.dir });
  await workflow.ready();
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    // The host that the run before has cost is started again by itself.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startedAt = performance.now();
    const { errors } = await (await workflow.start()).result;
    times.push(performance.now() - startedAt);
    if (!errors["n0"]?.startsWith("NODE_TIMEOUT")) throw new Error(JSON.stringify(errors));
  }
  const { median, p90 } = summarize(times);
  return {
    what: "while (true) {} with timeout 500ms: start to NODE_TIMEOUT, its process gone",
    figure: median,
    p90,
    unit: "ms",
    baseline: { what: "the timeout and its grace", figure: 600 },
    target: { atMost: 700 },
  };
}

/** From SIGKILL of `pd` until its busy host is gone. */
async function orphan(): Promise<Row> {
  await using folder = await WorkflowFolder.chain(1, LOOP);
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const pd = new Deno.Command(PD, {
      args: ["run", folder.dir],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    for await (const text of pd.stderr.pipeThrough(new TextDecoderStream())) {
      if (text.includes("spinning")) break;
    }
    const host = await hostOf(folder.dir);
    const startedAt = performance.now();
    pd.kill("SIGKILL");
    await pd.status;
    while (await isRunning(host));
    times.push(performance.now() - startedAt);
  }
  const { median, p90 } = summarize(times);
  return {
    what: "SIGKILL of pd: until its busy host is gone",
    figure: median,
    p90,
    unit: "ms",
    baseline: { what: "the interval at which the guard looks", figure: 50 },
    target: { atMost: 1_000 },
  };
}

/** The pid of the host that may read `dir`. */
async function hostOf(dir: string): Promise<string> {
  for await (const { name } of Deno.readDir("/proc")) {
    const command = /^\d+$/.test(name)
      ? await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "")
      : "";
    if (command.includes(`--allow-read=${dir}`)) return name;
  }
  throw new Error("The host is not among the processes");
}

/** One that has ended and waits for its parent to notice runs no more. */
async function isRunning(pid: string): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return status !== "" && !/^State:\s*[ZX]/m.test(status);
}
