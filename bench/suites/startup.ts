import { KeepAliveClient } from "../_keep_alive_client.ts";
import { ServerProcess } from "../_server_process.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";
import { type Row, type Sample, type Suite, summarize } from "../harness.ts";
import { timeCommand } from "../time_command.ts";

/** How long a person waits: wall time of whole commands, caches warm. */
export const suite: Suite = { name: "startup", measure: measureStartup };

const ROOT = new URL("../../", import.meta.url).pathname;
const PD = `${ROOT}pd`;
const EXAMPLE = `${ROOT}examples/hn-digest`;
const RUNS = 15;
/** A node that tells when its code began, in epoch milliseconds. */
const WHEN = `export default () => performance.timeOrigin + performance.now();\n`;
const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;

async function measureStartup(): Promise<readonly Row[]> {
  const empty = await timeCommand([Deno.execPath(), "run", "data:text/javascript,"], {
    samples: RUNS,
  });
  const baseline = { what: "deno run, empty", figure: empty.median };
  const row = (what: string, { median, p90 }: Sample, atMost: number | undefined): Row => ({
    what,
    figure: median,
    p90,
    unit: "ms",
    baseline,
    ...(atMost === undefined ? {} : { target: { atMost } }),
  });
  return [
    row("pd version", await timeCommand([PD, "version"], { samples: RUNS }), 60),
    row(
      "pd validate examples/hn-digest",
      await timeCommand([PD, "validate", EXAMPLE], { samples: RUNS }),
      150,
    ),
    row("the same, a file never read before", await validateEdited(), 150),
    row("cold pd run: start to first node", await firstNode("known"), 150),
    row("the same, a file never read before", await firstNode("edited"), undefined),
    row("cold server: start to first run answered", await firstAnswer(), 250),
  ];
}

/** A copy of the example whose text is new each time, so that nothing about it is remembered. */
async function validateEdited(): Promise<Sample> {
  const dir = await Deno.makeTempDir();
  await new Deno.Command("cp", { args: ["-r", `${EXAMPLE}/.`, dir] }).output();
  const times: number[] = [];
  for (let i = 0; i < RUNS + 2; i++) {
    await touch(dir);
    const { min } = await timeCommand([PD, "validate", dir], { warmUps: 0, samples: 1 });
    if (i >= 2) times.push(min);
  }
  await Deno.remove(dir, { recursive: true });
  return summarize(times);
}

async function touch(dir: string): Promise<void> {
  const text = `# ${crypto.randomUUID()}\n`;
  await Deno.writeTextFile(`${dir}/workflow.yaml`, text, { append: true });
}

async function firstNode(file: "known" | "edited"): Promise<Sample> {
  await using folder = await WorkflowFolder.chain(1, WHEN);
  const times: number[] = [];
  for (let i = 0; i < RUNS + 2; i++) {
    if (file === "edited") await touch(folder.dir);
    const startedAt = performance.timeOrigin + performance.now();
    const { success, stdout, stderr } = await new Deno.Command(PD, {
      args: ["run", folder.dir],
      env: { PD_DATA_DIR: `${folder.dir}/.pd` },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    if (i >= 2) times.push(Number(new TextDecoder().decode(stdout)) - startedAt);
  }
  return summarize(times);
}

async function firstAnswer(): Promise<Sample> {
  await using folder = await WorkflowFolder.chain(3, ECHO);
  const times: number[] = [];
  for (let i = 0; i < RUNS + 2; i++) {
    await using server = await ServerProcess.engine(folder.dir);
    using client = await KeepAliveClient.post(server.port, "/run", "{}");
    await client.send();
    if (i >= 2) times.push(performance.now() - server.spawnedAt);
  }
  return summarize(times);
}
