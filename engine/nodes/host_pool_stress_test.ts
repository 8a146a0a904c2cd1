import assert from "node:assert/strict";
import { seededRandom } from "../compiler/mod.ts";
import type { NodeOutcome } from "../executor/mod.ts";
import { isAlive, TestWorkflow } from "./_test_workflow.ts";

const CALLS = 300;
const AT_ONCE = 12;

/** Every kind of node, with how often it is called and how its call may end when nobody aborts it. */
const KINDS: readonly {
  readonly node: string;
  readonly source: string;
  readonly weight: number;
  readonly ends: readonly NodeOutcome["status"][];
  /** Calls that end by nothing but their signal. */
  readonly isEndless?: boolean;
}[] = [
  {
    node: "echo",
    source: `export default (ctx, input) => input;`,
    weight: 30,
    ends: ["succeeded"],
  },
  {
    node: "later",
    source: `export default (ctx, input) => new Promise((ok) => setTimeout(() => ok(input), 5));`,
    weight: 30,
    ends: ["succeeded"],
  },
  {
    node: "busy",
    source:
      `export default (ctx, input) => { const end = performance.now() + 20; while (performance.now() < end); return input; };`,
    weight: 10,
    ends: ["succeeded"],
  },
  {
    node: "polite",
    source: `export default (ctx) => new Promise((_, no) =>
      ctx.signal.addEventListener("abort", () => no(ctx.signal.reason)));`,
    weight: 10,
    ends: [],
    isEndless: true,
  },
  {
    node: "block",
    source: `export default () => { while (true); };`,
    weight: 4,
    ends: [],
    isEndless: true,
  },
  {
    node: "broken",
    source: `export default () => { throw new Error("broken"); };`,
    weight: 8,
    ends: ["failed"],
  },
  { node: "exit", source: `export default () => Deno.exit(1);`, weight: 4, ends: ["failed"] },
  {
    node: "crash",
    source: `export default () => Deno.kill(Deno.pid, "SIGKILL");`,
    weight: 4,
    ends: ["failed"],
  },
];

/** What one call went through. */
interface Story {
  readonly text: string;
  settled: number;
}

for (const seed of [1, 2]) {
  Deno.test(`${CALLS} random calls are each settled once, and no host is left (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const stories: Story[] = [];
    const workflow = await TestWorkflow.open({
      nodes: Object.fromEntries(KINDS.map(({ node, source }) => [node, { source }])),
      maxHosts: 3,
    });
    const pids = new Set<number>();
    try {
      let left = CALLS;
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) {
          await tell(workflow, random, stories);
          const { pids: now, hosts } = workflow.runner.stats();
          assert.ok(hosts <= 4, `${hosts} hosts`);
          for (const pid of now) pids.add(pid);
        }
      }));
      const { calls, busyHosts } = workflow.runner.stats();
      assert.deepEqual({ calls, busyHosts }, { calls: 0, busyHosts: 0 });
    } finally {
      await workflow[Symbol.asyncDispose]();
    }
    assert.deepEqual(stories.filter(({ settled }) => settled !== 1), []);
    const { hosts, calls, busyHosts } = workflow.runner.stats();
    assert.deepEqual({ hosts, calls, busyHosts }, { hosts: 0, calls: 0, busyHosts: 0 });
    assert.deepEqual([...pids].filter(isAlive), []);
  });
}

Deno.test("calls in every state end as cancelled when the hosts are disposed of", async () => {
  const random = seededRandom(3);
  for (let round = 0; round < 8; round++) {
    const workflow = await TestWorkflow.open({
      nodes: Object.fromEntries(KINDS.map(({ node, source }) => [node, { source }])),
      maxHosts: 2,
      isWarm: round % 2 === 0,
    });
    // Some begin, one waits in each host, the others are queued.
    const calls = Array.from({ length: 10 }, () => {
      const exclusive = random() < 0.2;
      return workflow.call(random() < 0.5 ? "block" : "polite", {}, { exclusive });
    });
    if (round % 4 < 2) await Promise.race(calls.map(({ begun }) => begun));
    await workflow[Symbol.asyncDispose]();
    for (const { outcome } of calls) assert.deepEqual(await outcome, { status: "cancelled" });
    const { hosts, calls: left } = workflow.runner.stats();
    assert.deepEqual({ hosts, left }, { hosts: 0, left: 0 });
  }
});

/** One call and, as the executor does it, a lost one again: alone, where it must end as its kind does. */
async function tell(workflow: TestWorkflow, random: () => number, stories: Story[]): Promise<void> {
  const { node, ends, isEndless = false } = pick(random);
  const abortMs = isEndless || random() < 0.2 ? Math.floor(random() * 40) : undefined;
  const input = { n: stories.length };
  for (let attempt = 1;; attempt++) {
    const exclusive = attempt > 1;
    const story = { text: `${node} ${attempt}, aborted after ${abortMs} ms`, settled: 0 };
    stories.push(story);
    const controller = new AbortController();
    const timer = abortMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(), attempt === 1 ? abortMs : 20);
    const call = workflow.call(node, input, { signal: controller.signal, exclusive });
    const outcome = await call.outcome.finally(() => clearTimeout(timer));
    story.settled++;
    if (outcome.status === "lost" && !exclusive) continue;
    const allowed: string[] = abortMs === undefined ? [...ends] : [...ends, "cancelled"];
    assert.ok(allowed.includes(outcome.status), `${story.text}: ${JSON.stringify(outcome)}`);
    if (outcome.status === "succeeded") assert.deepEqual(outcome.output, input, story.text);
    return;
  }
}

function pick(random: () => number): (typeof KINDS)[number] {
  let at = random() * KINDS.reduce((sum, { weight }) => sum + weight, 0);
  const found = KINDS.find(({ weight }) => (at -= weight) < 0) ?? KINDS[0];
  assert.ok(found !== undefined);
  return found;
}
