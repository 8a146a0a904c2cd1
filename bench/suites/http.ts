import { KeepAliveClient, throughput } from "../_keep_alive_client.ts";
import { ServerProcess } from "../_server_process.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";
import { measure, type Row, type Sample, type Suite } from "../harness.ts";

/** What a run costs from outside: a chain of three nodes by `POST /run`. */
export const suite: Suite = { name: "http", measure: measureHttp };

const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;
const BODY = JSON.stringify({ topic: "deno" });
const LOAD = { path: "/run", body: BODY, clients: 32, durationMs: 4_000 };

async function measureHttp(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const floor = await figures(await ServerProcess.bare());
  for (const isolation of ["process", "none"] as const) {
    await using folder = await WorkflowFolder.chain(3, ECHO, isolation);
    const { oneClient, perSecond } = await figures(await ServerProcess.engine(folder.dir));
    const where = isolation === "process" ? "in hosts" : "isolation none";
    rows.push({
      what: `three-node chain, ${where}, one client`,
      figure: oneClient.median,
      p90: oneClient.p90,
      unit: "ms",
      baseline: { what: "bare Deno.serve", figure: floor.oneClient.median },
      ...(isolation === "process" ? { target: { atMost: 1.5 } } : {}),
    }, {
      what: `three-node chain, ${where}, 32 clients`,
      figure: perSecond,
      unit: "runs/s",
      baseline: { what: "bare Deno.serve", figure: floor.perSecond },
      target: { atLeast: isolation === "process" ? 1_500 : 8_000 },
    });
  }
  return rows;
}

async function figures(
  started: ServerProcess,
): Promise<{ readonly oneClient: Sample; readonly perSecond: number }> {
  await using server = started;
  using client = await KeepAliveClient.post(server.port, "/run", BODY);
  const oneClient = await measure(() => client.send(), { warmUps: 500, samples: 2_000 });
  return { oneClient, perSecond: await throughput(server.port, LOAD) };
}
