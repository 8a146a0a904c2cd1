import assert from "node:assert/strict";
import {
  type Driver,
  DriverError,
  type TaskIo,
  type TaskResult,
  type TaskSpec,
} from "../drivers/mod.ts";
import { ScriptStage } from "./_play.ts";

Deno.test("a script asks its driver for one bash, SIGINT, and two seconds", async () => {
  const { driver, tasks } = fakeDriver(() => ({ code: 0 }));
  await using stage = new ScriptStage({ driver });
  await stage.play(["true", "false"], { runId: "run-1" });
  assert.equal(tasks.length, 1);
  const { id, runId, image, command, stopSignal, killGraceMs, files, workDir } =
    tasks[0] as TaskSpec;
  assert.deepEqual({ id, runId, image, stopSignal, killGraceMs, files, workDir }, {
    id: "task-1",
    runId: "run-1",
    image: undefined,
    stopSignal: "SIGINT",
    killGraceMs: 2_000,
    files: undefined,
    workDir: undefined,
  });
  assert.match(command?.[0] ?? "", /bash$/);
  assert.deepEqual([command?.[1], command?.length], ["-c", 3]);
  await stage.scripts.endRun("run-1");
  await stage.scripts.endRun("run-2");
  assert.deepEqual(driver.ended, ["run-1"]);
});

Deno.test("what its driver says of a script that it cannot start is the node's failure", async () => {
  const { driver } = fakeDriver(() => {
    throw new DriverError("TASK_INVALID", "Cannot start it as the machine is full");
  });
  await using stage = new ScriptStage({ driver });
  const { outcome } = await stage.play(["true"]);
  assert.ok(outcome.status === "failed");
  assert.equal(outcome.error.code, "TASK_INVALID");
});

Deno.test("a fault of the driver itself is the engine's", async () => {
  const { driver } = fakeDriver(() => {
    throw new TypeError("broken");
  });
  await using stage = new ScriptStage({ driver });
  await assert.rejects(stage.play(["true"]), TypeError);
});

Deno.test("a script that is stopped before it begins starts nothing", async () => {
  const { driver, tasks } = fakeDriver(() => ({ code: 0 }));
  await using stage = new ScriptStage({ driver });
  const { outcome } = await stage.play(["true"], { signal: AbortSignal.abort() });
  assert.deepEqual(outcome, { status: "cancelled" });
  assert.equal(tasks.length, 0);
});

Deno.test("what a script says after it was told to stop is kept", async () => {
  const stop = new AbortController();
  const { driver } = fakeDriver(async (io) => {
    stop.abort();
    await Promise.resolve();
    io.onStdout(new TextEncoder().encode("last words"));
    throw io.signal.reason;
  });
  await using stage = new ScriptStage({ driver });
  const { outcome, stdout } = await stage.play(["true"], { signal: stop.signal });
  assert.equal(outcome.status, "cancelled");
  assert.equal(stdout, "last words");
});

function fakeDriver(run: (io: TaskIo) => TaskResult | Promise<TaskResult>) {
  const tasks: TaskSpec[] = [];
  const ended: string[] = [];
  const driver: Partial<Driver> & { readonly ended: readonly string[] } = {
    ended,
    ready: () => Promise.resolve(),
    async run(task, io) {
      tasks.push(task);
      io.onStart?.();
      return await run(io);
    },
    endRun(runId) {
      ended.push(runId);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { driver: driver as Driver & typeof driver, tasks };
}
