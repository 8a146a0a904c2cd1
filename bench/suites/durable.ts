import { systemClock } from "../../engine/clock/mod.ts";
import { openStorage, type Storage } from "../../engine/storage/mod.ts";
import { openWorkflow, type Workflow } from "../../engine/workflow/mod.ts";
import { measure, type Row, type Suite } from "../harness.ts";
import { KeepAliveClient, throughput } from "../_keep_alive_client.ts";
import { ServerProcess } from "../_server_process.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";

/** What it costs that a run survives its engine: SQLite, which by default outlives a crash of the process. */
export const suite: Suite = { name: "durable", measure: measureDurable };

const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;
const BODY = JSON.stringify({ topic: "deno" });
/** The whole of it is `PD_BENCH_RUNS=200000`. */
const MEMORY_RUNS = Number(Deno.env.get("PD_BENCH_RUNS") ?? 20_000);

async function measureDurable(): Promise<readonly Row[]> {
  return [
    ...await overHttp("process", "normal"),
    ...await overHttp("none", "normal"),
    ...await overHttp("none", "full"),
    await chainOf(100),
    await fanOutOf(10),
    await resumeOf(10_000),
    await memoryOver(MEMORY_RUNS),
  ];
}

/** A chain of three nodes by `POST /run`. */
async function overHttp(
  isolation: "process" | "none",
  synchronous: "normal" | "full",
): Promise<readonly Row[]> {
  await using folder = await WorkflowFolder.chain(3, ECHO, isolation);
  await using data = await DataFolder.make();
  const where = isolation === "process" ? "in hosts" : "isolation none";
  const what = `three nodes, ${where}, synchronous=${synchronous}`;
  const url = `${data.url}?synchronous=${synchronous}`;
  await using server = await ServerProcess.engine(folder.dir, ["--storage", url]);
  using client = await KeepAliveClient.post(server.port, "/run", BODY);
  const { median, p90 } = await measure(() => client.send(), { warmUps: 300, samples: 1_000 });
  const load = { path: "/run", body: BODY, clients: 32, durationMs: 4_000 };
  const perSecond = await throughput(server.port, load);
  const isPromised = synchronous === "normal";
  return [
    {
      what: `${what}, one client`,
      figure: median,
      p90,
      unit: "ms",
      ...isPromised ? { target: { atMost: 2 } } : {},
    },
    {
      what: `${what}, 32 clients`,
      figure: perSecond,
      unit: "runs/s",
      ...isPromised ? { target: { atLeast: isolation === "process" ? 1_500 : 4_000 } } : {},
    },
  ];
}

async function chainOf(nodes: number): Promise<Row> {
  await using folder = await WorkflowFolder.chain(nodes, ECHO, "none");
  const { median, p90 } = await timeRuns(folder.dir);
  return {
    what: `${nodes} nodes one after another`,
    figure: median,
    p90,
    unit: "ms",
    target: { atMost: 25 },
  };
}

async function fanOutOf(width: number): Promise<Row> {
  await using folder = await WorkflowFolder.fanOut(width, ECHO, "none");
  const { median, p90 } = await timeRuns(folder.dir);
  return {
    what: `fan out to ${width} nodes and join`,
    figure: median,
    p90,
    unit: "ms",
    target: { atMost: 4 },
  };
}

async function timeRuns(dir: string) {
  await using data = await DataFolder.make();
  await using storage = await data.open();
  await using workflow = await openWorkflow({ dir, storage });
  return await measure(async () => {
    const { success, errors } = await (await workflow.start({})).result;
    if (!success) throw new Error(JSON.stringify(errors));
  }, { warmUps: 50, samples: 101 });
}

/** Runs that waited when their engine ended, until the last of them is over in the next one. */
async function resumeOf(count: number): Promise<Row> {
  await using folder = await WorkflowFolder.chain(1, ECHO, "none");
  await using data = await DataFolder.make();
  await leaveQueued(folder.dir, data, count);
  await using storage = await data.open();
  await using workflow = await openWorkflow({ dir: folder.dir, storage });
  await workflow.ready();
  const startedAt = performance.now();
  const runs = await workflow.resume();
  const resumedMs = performance.now() - startedAt;
  if (runs.length !== count) throw new Error(`${runs.length} of ${count} runs were taken up`);
  await Promise.all(runs.map((run) => run.result));
  const overMs = performance.now() - startedAt;
  return {
    what: `${count} queued runs are taken up (and over after ${(overMs / 1_000).toFixed(1)} s)`,
    figure: resumedMs / 1_000,
    unit: "s",
    target: { atMost: 2 },
  };
}

/** Queues runs for later and gives them up. */
async function leaveQueued(dir: string, data: DataFolder, count: number): Promise<void> {
  await using storage = await data.open();
  const workflow = await openWorkflow({ dir, storage });
  const { spec } = workflow.current;
  const owner = { id: "gone", host: "bench", pid: 2 ** 30, startedAt: 1 };
  const now = Date.now();
  for (let i = 0; i < count; i += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - i) }, (_, j) =>
      storage.createRun({
        runId: `00000000-0000-7000-8000-${String(i + j).padStart(12, "0")}`,
        workflow: spec.name,
        version: spec.version,
        workflowKey: workflow.workflowKey,
        spec,
        input: { i: i + j },
        trigger: { type: "manual" },
        createdAt: now,
        status: "queued",
        startAfter: undefined,
        deadlineAt: undefined,
        partition: undefined,
        idempotency: undefined,
      }, owner)));
  }
  await workflow[Symbol.asyncDispose]();
}

/** What an engine's memory grows by while it does many runs. */
async function memoryOver(count: number): Promise<Row> {
  await using folder = await WorkflowFolder.chain(1, ECHO, "none");
  await using data = await DataFolder.make();
  await using storage = await data.open();
  await using workflow = await openWorkflow({ dir: folder.dir, storage });
  await doRuns(workflow, 5_000);
  const before = Deno.memoryUsage().rss;
  await doRuns(workflow, count);
  const grownBytes = Deno.memoryUsage().rss - before;
  return {
    what: `growth over ${count} runs`,
    figure: grownBytes / 1e6,
    unit: "MB",
    target: { atMost: 30 },
  };
}

async function doRuns(workflow: Workflow, count: number): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (left-- > 0) await (await workflow.start({ topic: "deno" })).result;
  }));
}

/** A folder for a database, gone when disposed. */
class DataFolder implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async make(): Promise<DataFolder> {
    return new DataFolder(await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-bench-" })));
  }

  get url(): string {
    return `sqlite://${this.#dir}/runs.db`;
  }

  open(): Promise<Storage> {
    return openStorage(this.url, { clock: systemClock });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}
