import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { Output } from "./trial.ts";

/** How tasks are stopped. */
export const STOP_CASES: readonly ConformanceCase[] = [
  {
    does: "stops a task with SIGTERM when its signal aborts",
    async run(t) {
      const abort = new AbortController();
      const output = new Output();
      const script = "trap 'echo told; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
      const result = t.driver.run(
        await t.task({ command: ["sh", "-c", script] }),
        output.io({ signal: abort.signal }),
      );
      await output.sees("ready\n");
      const reason = new Error("the step took too long");
      abort.abort(reason);
      await assert.rejects(result, (error) => error === reason);
      assert.equal(output.stdout, "ready\ntold\n");
    },
  },
  {
    does: "kills a task that ignores SIGTERM after the grace",
    async run(t) {
      const abort = new AbortController();
      const output = new Output();
      const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
      const result = t.driver.run(
        await t.task({ command: ["sh", "-c", script], killGraceMs: 200 }),
        output.io({ signal: abort.signal }),
      );
      await output.sees("ready\n");
      const abortedAt = performance.now();
      abort.abort(new Error("stop"));
      await assert.rejects(result, /^Error: stop$/);
      assert.ok(performance.now() - abortedAt >= 200, "it had its grace");
      assert.deepEqual(await runningOf(t), []);
    },
  },
  {
    does: "stops what a task has started, too",
    async run(t) {
      const abort = new AbortController();
      const output = new Output();
      const script = "sleep 3600 & (setsid sleep 3600 &) ; echo ready; wait; sleep 3600";
      const result = t.driver.run(
        await t.task({ command: ["sh", "-c", script], killGraceMs: 200 }),
        output.io({ signal: abort.signal }),
      );
      await output.sees("ready\n");
      abort.abort(new Error("stop"));
      await assert.rejects(result, /^Error: stop$/);
      assert.deepEqual(await runningOf(t), []);
    },
  },
  {
    does: "ends what a task leaves running when its command ends",
    async run(t) {
      const { code, stdout } = await t.sh(
        "sleep 3600 & (setsid sleep 3600 >/dev/null 2>&1 &) ; echo over; exit 4",
      );
      assert.deepEqual([code, stdout], [4, "over\n"]);
      assert.deepEqual(await runningOf(t), []);
    },
  },
  {
    does: "starts nothing for a signal that is aborted already",
    async run(t) {
      const reason = new Error("too late");
      const io = { signal: AbortSignal.abort(reason), onStart: () => assert.fail("it started") };
      await assert.rejects(t.sh("touch started", { io }), (error) => error === reason);
      assert.equal(await t.shText("ls"), "");
    },
  },
  {
    does: "leaves nothing when it is cancelled while it starts",
    async run(t) {
      const reason = new Error("never mind");
      const abort = new AbortController();
      const task = await t.task({ command: ["sleep", "3600"], killGraceMs: 200 });
      const result = t.driver.run(task, new Output().io({ signal: abort.signal }));
      abort.abort(reason);
      await assert.rejects(result, (error) => error === reason);

      const later = new AbortController();
      const second = t.driver.run(
        await t.task({ command: ["sleep", "3600"], killGraceMs: 200 }),
        new Output().io({ signal: later.signal, onStart: () => later.abort(reason) }),
      );
      await assert.rejects(second, (error) => error === reason);
      assert.deepEqual(await runningOf(t), []);
    },
  },
];

interface Run {
  readonly runId: string;
  readonly fixture: { leftovers(runId: string): Promise<readonly string[]> };
}

/** What is left besides volumes, which live as long as the run. */
async function runningOf({ runId, fixture }: Run): Promise<readonly string[]> {
  return (await fixture.leftovers(runId)).filter((name) => !/^(volume|folder) /.test(name));
}
