import { FleetClient, type Phase } from "../_fleet_client.ts";
import { FleetFolder } from "../_fleet_folder.ts";
import { openLoad, quantile, type Task } from "../_open_load.ts";
import { heldBytes, processorMs, proportionalBytes } from "../_process_memory.ts";
import { ServerProcess } from "../_server_process.ts";
import type { Row, Suite } from "../harness.ts";

/** A team's load on `pd serve`: 200 workflows, 50 viewers, 100 runs a second. */
export const suite: Suite = { name: "serve", measure: measureServe };

/** `PD_BENCH_SECONDS=10` for a quick look. */
const SECONDS = Number(Deno.env.get("PD_BENCH_SECONDS") ?? 60);
const SECRET = "a secret for a benchmark alone";
/** Requests of one kind, and the target of their p99 in milliseconds. */
const REQUESTS = [
  ["start", "start a run"],
  ["run", "show a run"],
  ["runs", "list 50 runs"],
  ["workflows", "list 200 workflows with ten runs each"],
  ["jobs", "list 1000 jobs, prunner's way"],
] as const;

async function measureServe(): Promise<readonly Row[]> {
  await using folder = await FleetFolder.make();
  const main = new URL("../../cli/main.ts", import.meta.url).href;
  const memoryFile = `${folder.dir}/.memory`;
  await using server = await ServerProcess.start([
    ...["--v8-flags=--expose-gc", "--preload", new URL("../_tell_memory.ts", import.meta.url).href],
    main,
    ...["serve", "--address", "127.0.0.1:0", "--log", "json", "--jwt-secret", SECRET],
    ...["--path", folder.dir, "--data", `${folder.dir}/.pd`, "--no-watch"],
  ], { PD_BENCH_MEMORY: memoryFile });
  const held = () => heldBytes(server.pid, memoryFile);
  const startMs = performance.now() - server.spawnedAt;
  using client = await FleetClient.open(server, SECRET);
  // Code gets hot, caches get full and hosts come up: that counts nowhere.
  const warm = await client.load(SECONDS / 3);
  const heldBefore = await held();
  const processorBefore = await processorMs(server.pid);
  const calm = await client.load(SECONDS);
  const processor = await processorMs(server.pid) - processorBefore;
  const calmBytes = await proportionalBytes(server.pid);
  const heldAfter = await held();
  const stalled = client.stall();
  const beside = await client.load(SECONDS / 2);
  const heldBeside = await held();
  stalled[Symbol.dispose]();
  const bodies = await client.bodies();
  const bare = await measureBare(bodies);
  const failures = [warm, calm, beside].flatMap(({ reports }) =>
    reports.flatMap(({ failures }) => failures)
  );
  if (failures.length > 0) throw new Error(`${failures.length} requests failed: ${failures[0]}`);
  await tell(calm);
  return [
    { what: "from the start to an answer, 200 workflows", figure: startMs, unit: "ms" },
    ...REQUESTS.map(([name, what]): Row => ({
      what: `${what}, p99 (p90)`,
      ...timesOf(calm, name),
      unit: "ms",
      baseline: { what: "bare server", figure: timesOf(bare, name).figure },
      target: { atMost: 100 },
    })),
    {
      what: "end of a run until a viewer has it, p99 (p90)",
      figure: quantile(calm.latencies, 0.99),
      p90: quantile(calm.latencies, 0.9),
      unit: "ms",
      target: { atMost: 200 },
    },
    {
      what: "ends of runs that viewers see, of those that were started",
      figure: calm.shareSeen,
      unit: "×",
      target: { atLeast: 0.99 },
    },
    {
      what: "processor time of the server, a second of the load",
      figure: processor / SECONDS,
      unit: "ms",
      target: { atMost: 600 },
    },
    {
      what: "memory that it holds once warm, growth in a minute",
      figure: (heldAfter - heldBefore) / 1e6 * 60 / SECONDS,
      unit: "MB",
      baseline: { what: "all of it, PSS, not yet collected", figure: calmBytes / 1e6 },
      target: { atMost: 5 },
    },
    {
      what: "beside a viewer that does not read: start a run, p99 (p90)",
      ...timesOf(beside, "start"),
      unit: "ms",
      baseline: { what: "without it", figure: timesOf(calm, "start").figure },
      target: { atMost: 100 },
    },
    {
      what: "beside it: end of a run until others have it, p99 (p90)",
      figure: quantile(beside.latencies, 0.99),
      p90: quantile(beside.latencies, 0.9),
      unit: "ms",
      baseline: { what: "without it", figure: quantile(calm.latencies, 0.99) },
      target: { atMost: 200 },
    },
    {
      what: "what it costs in memory",
      figure: (heldBeside - heldAfter) / 1e6,
      unit: "MB",
      target: { atMost: 5 },
    },
  ];
}

/** What a table has no room for. */
async function tell({ memory }: Phase): Promise<void> {
  const load = Deno.loadavg().map((average) => average.toFixed(1)).join(" ");
  const curve = memory.map(({ bytes }) => Math.round(bytes / 1e6)).join(" ");
  const text = `load average ${load}; PSS of the server in MB, each 2 s: ${curve}\n`;
  await Deno.stderr.write(new TextEncoder().encode(text));
}

/** The same answers of a server that does nothing for them. */
async function measureBare(
  bodies: { readonly [name: string]: string },
): Promise<Pick<Phase, "reports">> {
  const source = `const bodies = ${JSON.stringify(bodies)};
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) =>
      Deno.stderr.writeSync(new TextEncoder().encode("listening on http://127.0.0.1:" + port + "\\n")) },
      async (request) => {
        await request.text();
        const headers = { "content-type": "application/json" };
        return new Response(bodies[new URL(request.url).pathname.slice(1)], { headers });
      });`;
  const place = await Deno.makeTempFile({ prefix: "pd-bench-", suffix: ".js" });
  await Deno.writeTextFile(place, source);
  try {
    await using server = await ServerProcess.start([place]);
    const paces = { start: 100, run: 10, runs: 5, workflows: 2, jobs: 1.2 };
    const tasks = Object.entries(paces).map(([name, perSecond]): Task => ({
      name,
      perSecond,
      send: async () => {
        const init = name === "start" ? { method: "POST", body: "{}" } : {};
        await (await fetch(`http://127.0.0.1:${server.port}/${name}`, init)).text();
      },
    }));
    return { reports: await openLoad(tasks, { durationMs: Math.max(5, SECONDS / 4) * 1_000 }) };
  } finally {
    await Deno.remove(place);
  }
}

function timesOf(
  { reports }: Pick<Phase, "reports">,
  name: string,
): { readonly figure: number; readonly p90: number } {
  const times = reports.filter((report) => report.name === name)
    .flatMap((report) => report.times).sort((a, b) => a - b);
  return { figure: quantile(times, 0.99), p90: quantile(times, 0.9) };
}
