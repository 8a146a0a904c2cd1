import { systemClock } from "../../engine/clock/mod.ts";
import { openRegistry } from "../../engine/registry/mod.ts";
import { openStorage } from "../../engine/storage/mod.ts";
import { measure, type Row, type Suite } from "../harness.ts";

/** What many workflows cost in one process, while they do nothing. */
export const suite: Suite = { name: "registry", measure: measureRegistry };

const WORKFLOWS = 200;
const IDLE_MS = 10_000;

async function measureRegistry(): Promise<readonly Row[]> {
  await using few = await Folders.make(1);
  await using many = await Folders.make(WORKFLOWS);
  await using storage = await openStorage("memory:", { clock: systemClock });
  const open = async (path: string) => {
    const registry = await openRegistry({ storage, path });
    await registry.begun();
    return registry;
  };
  // Modules are loaded by then, and what one workflow needs is there.
  await using one = await open(few.path);
  const oneBytes = await restingBytes();
  const startedAt = performance.now();
  await using all = await open(many.path);
  const openMs = performance.now() - startedAt;
  const allBytes = await restingBytes();
  const cpuBefore = cpuMs();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idleMs = cpuMs() - cpuBefore;
  const look = await measure(() => all.reload(), { warmUps: 1, samples: 5 });
  const run = await measure(async () => {
    const started = await one.get("w0")?.workflow.start();
    await started?.result;
  }, { warmUps: 1, samples: 5 });
  const cold = all.get(`w${WORKFLOWS - 1}`)?.workflow;
  const coldAt = performance.now();
  await (await cold?.start())?.result;
  const coldMs = performance.now() - coldAt;
  return [
    {
      what: `open ${WORKFLOWS} folders on demand, until their schedules count`,
      figure: openMs,
      unit: "ms",
      target: { atMost: 3_000 },
    },
    {
      what: `memory of ${WORKFLOWS} workflows that wait, PSS`,
      figure: allBytes / 1e6,
      unit: "MB",
      baseline: { what: "the same process with one", figure: oneBytes / 1e6 },
      target: { atMost: 160 },
    },
    {
      what: "processor time of the same, a second",
      figure: idleMs / (IDLE_MS / 1_000),
      unit: "ms",
      target: { atMost: 10 },
    },
    {
      what: "look at all of them again, when nothing has changed",
      figure: look.median,
      p90: look.p90,
      unit: "ms",
      target: { atMost: 200 },
    },
    {
      what: "first run of one, its host included",
      figure: coldMs,
      unit: "ms",
      baseline: { what: "a run with its host up", figure: run.median },
      target: { atMost: 500 },
    },
  ];
}

/** Folders of workflows that say hello, gone when disposed. */
class Folders implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(count: number): Promise<Folders> {
    const path = await Deno.makeTempDir({ prefix: "pd-bench-" });
    for (let i = 0; i < count; i++) {
      await Deno.mkdir(`${path}/w${i}/nodes`, { recursive: true });
      await Deno.writeTextFile(`${path}/w${i}/workflow.yaml`, workflowOf(`w${i}`, i % 60));
      await Deno.writeTextFile(`${path}/w${i}/nodes/hello.ts`, HELLO);
    }
    return new Folders(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

const HELLO = `import type { Context } from "pipedreamer";

export default function run(ctx: Context, input: { name?: string }) {
  ctx.log.info("saying hello");
  return { greeting: \`Hello, \${input.name ?? "world"}!\` };
}
`;

function workflowOf(name: string, minute: number): string {
  return `name: ${name}
version: "1.0"
description: Says hello
triggers:
  - type: manual
  - type: cron
    schedule: "${minute} 3 * * *"
nodes:
  hello: { path: ./nodes/hello.ts, permissions: { net: [] } }
  again: { path: ./nodes/hello.ts, depends_on: [hello] }
`;
}

/** The proportional set size once the memory of the start is free. */
async function restingBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const text = await Deno.readTextFile("/proc/self/smaps_rollup");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? NaN) * 1_024;
}

/** Processor time of this process so far. */
function cpuMs(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
