/** A schedule of every second over real engines: killed, restarted, and two at a time on one storage. */
import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import { withEngine, withFolder } from "./_engine_process.ts";

const WORKFLOW = `name: ticking
version: "1.0"
triggers:
  - { type: cron, name: tick, schedule: "* * * * * *", catch_up: all, overlap: allow }
nodes:
  tell: { path: ./tell.ts, permissions: { net: [127.0.0.1] }, retries: 5 }
config:
  cron: engine
`;

/** What the workflow's only node tells: which run it is, and of which tick. */
interface Told {
  readonly run: string;
  readonly scheduledAt: string;
  readonly input: unknown;
}

interface Listener {
  readonly url: string;
  readonly told: readonly Told[];
  /** Resolves when so many ticks were told, one after the other without a gap. */
  ticks(count: number): Promise<void>;
}

async function withListener(test: (listener: Listener) => Promise<void>): Promise<void> {
  const told: Told[] = [];
  let wake = (): void => {};
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      told.push(await request.json());
      wake();
      return new Response();
    },
  );
  try {
    await test({
      url: `http://127.0.0.1:${server.addr.port}`,
      told,
      async ticks(count) {
        for (;;) {
          const seconds = new Set(told.map(({ scheduledAt }) => Date.parse(scheduledAt)));
          const first = Math.min(...seconds);
          const isWhole = Array.from({ length: count }, (_, index) => first + index * 1_000)
            .every((second) => seconds.has(second));
          if (isWhole) return;
          assert.ok(seconds.size < 60, `a tick is missing: ${[...seconds].sort()}`);
          await new Promise<void>((resolve) => wake = resolve);
        }
      },
    });
  } finally {
    await server.shutdown();
  }
}

function node(url: string): string {
  return `export default async function run(ctx, input) {
  const { id, trigger } = ctx.run;
  const body = JSON.stringify({ run: id, scheduledAt: trigger.scheduledAt, input });
  await fetch("${url}", { method: "POST", body }).then((response) => response.text());
}
`;
}

Deno.test("each second is one run, over kill -9, a stop, and two engines on one storage", async () => {
  await withListener((listener) =>
    withFolder({ "workflow.yaml": WORKFLOW, "tell.ts": node(listener.url) }, async (dir) => {
      const args = ["--workflow", dir, "--storage", `sqlite://${dir}/.runs.db`];
      await withEngine(args, async (engine) => {
        await listener.ticks(2);
        engine.kill("SIGKILL");
        await engine.status;
      });
      await new Promise<void>((resolve) => void systemClock.after(2_500, resolve));
      await withEngine(args, async () => {
        await withEngine(args, async () => {
          await listener.ticks(8);
        });
        // One of them was killed; the other goes on.
        await listener.ticks(10);
      });
      const runs = new Map<string, Set<string>>();
      for (const { run, scheduledAt, input } of listener.told) {
        assert.deepEqual(input, { trigger: "tick" });
        runs.set(scheduledAt, (runs.get(scheduledAt) ?? new Set()).add(run));
      }
      for (const [tick, ids] of runs) assert.equal(ids.size, 1, tick);
    })
  );
});
