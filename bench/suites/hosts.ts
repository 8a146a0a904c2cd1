import { openWorkflow, type Workflow } from "../../engine/workflow/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";
import { measure, type Row, type Suite, summarize } from "../harness.ts";

/** What a node in a node host costs, and what it leaves of the machine's own speed. */
export const suite: Suite = { name: "hosts", measure: measureHosts };

const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;
const FIB = `function fib(n: number): number { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
export default (ctx: { config: { n: number } }) => fib(ctx.config.n);\n`;
const HEAVY_PAIRS = 9;
const KILOBYTE: JsonValue = { text: "x".repeat(1_000) };

async function measureHosts(): Promise<readonly Row[]> {
  return [await perNode(100), await chainOfFib(40, 10), await heavyFib(10, 33)];
}

/** A long chain, so that what a run itself costs is spread thin. */
async function perNode(nodes: number): Promise<Row> {
  await using folder = await WorkflowFolder.chain(nodes, ECHO);
  await using workflow = await openWorkflow({ dir: folder.dir });
  await workflow.ready();
  const run = await measure(() => finish(workflow, KILOBYTE), { warmUps: 20, samples: 41 });
  const echo = await bareEcho();
  return {
    what: "engine cost per node in a host, 1 KB in and out",
    figure: run.median / nodes,
    p90: run.p90 / nodes,
    unit: "ms",
    baseline: { what: "bare echo by a child over a socket", figure: echo },
    target: { atMost: 0.2 },
  };
}

async function chainOfFib(nodes: number, n: number): Promise<Row> {
  await using folder = await fibFolder(nodes, n);
  await using workflow = await openWorkflow({ dir: folder.dir });
  await workflow.ready();
  const run = await measure(() => finish(workflow, {}), { warmUps: 20, samples: 41 });
  const bare = await measure(() => {
    for (let i = 0; i < nodes; i++) fib(n);
  }, { warmUps: 20, samples: 41 });
  return {
    what: `${nodes} sequential nodes of fib(${n})`,
    figure: run.median,
    p90: run.p90,
    unit: "ms",
    baseline: { what: "bare loop", figure: bare.median },
    target: { atMost: 10 },
  };
}

/** Pair by pair, so that a machine whose speed drifts slows both. */
async function heavyFib(nodes: number, n: number): Promise<Row> {
  await using folder = await fibFolder(nodes, n);
  await using workflow = await openWorkflow({ dir: folder.dir });
  await workflow.ready();
  const ratios: number[] = [];
  for (let i = 0; i < HEAVY_PAIRS; i++) {
    const run = await measure(() => finish(workflow, {}), { warmUps: i === 0 ? 1 : 0, samples: 1 });
    ratios.push(run.median / await bareLoop(folder.dir, nodes, n));
  }
  const { median, p90 } = summarize(ratios);
  return {
    what: `${nodes} sequential nodes of fib(${n}) against the bare loop`,
    figure: median,
    p90,
    unit: "×",
    baseline: { what: "the same module, called in a loop by a bare process", figure: 1 },
    target: { atMost: 1.05 },
  };
}

/** Milliseconds that a process with nothing but the node's module takes for the same calls, once warm. */
async function bareLoop(dir: string, calls: number, n: number): Promise<number> {
  const source = `import run from "file://${dir}/node.ts";
    const ctx = { config: { n: ${n} } };
    const loop = () => { const t = performance.now(); for (let i = 0; i < ${calls}; i++) run(ctx); return performance.now() - t; };
    loop();
    console.log(loop());`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `data:text/javascript,${encodeURIComponent(source)}`],
  }).output();
  return Number(new TextDecoder().decode(stdout));
}

async function fibFolder(nodes: number, n: number): Promise<WorkflowFolder> {
  const folder = await WorkflowFolder.chain(nodes, FIB);
  await Deno.writeTextFile(`${folder.dir}/workflow.yaml`, `config: { n: ${n} }\n`, {
    append: true,
  });
  return folder;
}

async function finish(workflow: Workflow, input: JsonValue): Promise<void> {
  const result = await (await workflow.start(input)).result;
  if (!result.success) throw new Error(JSON.stringify(result.errors));
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/** Milliseconds for 1 KB there and back to a child process that does nothing else. */
async function bareEcho(): Promise<number> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/echo`;
  using listener = Deno.listen({ transport: "unix", path });
  const source = `const c = await Deno.connect({ transport: "unix", path: ${
    JSON.stringify(path)
  } });
    const b = new Uint8Array(4096);
    for (let n; (n = await c.read(b)) !== null;) await c.write(b.subarray(0, n));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `data:text/javascript,${encodeURIComponent(source)}`],
  }).spawn();
  const connection = await listener.accept();
  const bytes = new TextEncoder().encode(JSON.stringify(KILOBYTE));
  const buffer = new Uint8Array(4096);
  const { median } = await measure(async () => {
    await connection.write(bytes);
    for (let got = 0; got < bytes.length;) got += await connection.read(buffer) ?? Infinity;
  }, { warmUps: 1_000, samples: 3_000 });
  connection.close();
  await child.status;
  await Deno.remove(dir, { recursive: true });
  return median;
}
