import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { Output } from "./trial.ts";

/** One task is done once. */
export const IDENTITY_CASES: readonly ConformanceCase[] = [
  {
    does: "answers the same task id with the first result",
    async run(t) {
      const task = await t.task({ id: "0-once", command: ["sh", "-c", "echo x >> log; exit 5"] });
      const output = new Output();
      assert.equal((await t.driver.run(task, new Output().io())).code, 5);
      assert.equal((await t.driver.run(task, output.io())).code, 5);
      assert.equal(output.stdout, "");
      assert.equal(await t.shText("cat log"), "x");
    },
  },
  {
    does: "starts one task id once, however often it is asked for at the same time",
    async run(t) {
      const command = ["sh", "-c", "echo x >> log; sleep 0.2; exit 6"];
      const task = await t.task({ id: "0-once", command });
      const asked = Array.from({ length: 5 }, () => t.driver.run(task, new Output().io()));
      const codes = (await Promise.all(asked)).map(({ code }) => code);
      assert.deepEqual(codes, [6, 6, 6, 6, 6]);
      assert.equal(await t.shText("cat log"), "x");
    },
  },
  {
    does: "runs two tasks of one name as two",
    async run(t) {
      const command = ["sh", "-c", "echo x >> log"];
      await t.run(command, { id: "0-build", name: "build" });
      await t.run(command, { id: "1-build", name: "build" });
      assert.equal(await t.shText("cat log"), "x\nx");
    },
  },
  {
    does: "runs the same task id again in another run",
    async run(t) {
      const other = crypto.randomUUID();
      await t.sh("exit 0", { id: "0-same" });
      try {
        const { code } = await t.sh("exit 9", { id: "0-same", runId: other, mounts: [] });
        assert.equal(code, 9);
      } finally {
        await t.driver.endRun(other);
      }
    },
  },
  {
    does: "takes any name for a task",
    async run(t) {
      for (const name of ["Ümlaut & Co/№1", "-x", "x".repeat(300)]) {
        assert.equal((await t.sh("exit 0", { name, id: `0-${name}` })).code, 0, name);
      }
    },
  },
];
