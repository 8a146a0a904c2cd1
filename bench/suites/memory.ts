import { KeepAliveClient } from "../_keep_alive_client.ts";
import { ServerProcess } from "../_server_process.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";
import type { Row, Suite } from "../harness.ts";

/** What an engine that waits for work keeps of the machine's memory. */
export const suite: Suite = { name: "memory", measure: measureMemory };

const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;

async function measureMemory(): Promise<readonly Row[]> {
  await using folder = await WorkflowFolder.chain(3, ECHO);
  await using server = await ServerProcess.engine(folder.dir);
  using client = await KeepAliveClient.post(server.port, "/run", "{}");
  await client.send();
  // Let collection and the freeing of start-up memory happen: this is the figure of an idle engine.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const pids = await withChildren(server.pid);
  const bare = await ServerProcess.bare();
  const bareBytes = await proportionalBytes(bare.pid);
  await bare[Symbol.asyncDispose]();
  return [{
    what: `idle engine with three nodes and ${pids.length - 1} host, PSS together`,
    figure: sum(await Promise.all(pids.map(proportionalBytes))) / 1e6,
    unit: "MB",
    baseline: { what: "two bare servers", figure: 2 * bareBytes / 1e6 },
    target: { atMost: 110 },
  }];
}

async function withChildren(pid: number): Promise<number[]> {
  const pids = [pid];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === pid) pids.push(Number(name));
  }
  return pids;
}

/** The proportional set size: memory that is shared counts by its share. */
async function proportionalBytes(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? NaN) * 1_024;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
