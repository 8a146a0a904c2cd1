import assert from "node:assert/strict";
import type { Sandbox } from "../driver.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { type Outcome, Output } from "./trial.ts";

/** Containers that stay. */
export const SANDBOX_CASES: readonly ConformanceCase[] = [
  {
    does: "runs commands in a sandbox one after another, on what those before left",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(await t.sandbox({ env: { BASE: "base" } }));
      assert.deepEqual(await exec(sandbox, "echo 1 > state; echo err >&2; exit 3"), {
        code: 3,
        stdout: "",
        stderr: "err\n",
      });
      assert.equal((await exec(sandbox, "cat state; echo $BASE")).stdout, "1\nbase\n");
      assert.equal(await t.shText("cat state"), "1", "other steps see the same workspace");
    },
  },
  {
    does: "runs several commands in a sandbox at once",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(await t.sandbox());
      const waitFor = (name: string) => `until [ -e ${name} ]; do sleep 0.05; done`;
      const results = await Promise.all([
        exec(sandbox, `touch one; ${waitFor("two")}; exit 1`),
        exec(sandbox, `${waitFor("one")}; touch two; exit 2`),
      ]);
      assert.deepEqual(results.map(({ code }) => code), [1, 2]);
    },
  },
  {
    does: "gives a command in a sandbox its own variables, folder, arguments and stdin",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(
        await t.sandbox({ env: { A: "sandbox", B: "sandbox" } }),
      );
      await exec(sandbox, "mkdir sub; echo here > sub/file");
      const output = new Output();
      const stdin = ReadableStream.from([new TextEncoder().encode("input")]);
      const script = 'cat file; echo "$A $B $1"; cat';
      const { code } = await sandbox.exec(
        {
          command: ["sh", "-c", script, "sh", "two  words\n"],
          env: { B: "exec" },
          workDir: "sub",
          user: undefined,
        },
        output.io({ stdin }),
      );
      assert.equal(code, 0);
      assert.equal(output.stdout, "here\nsandbox exec two  words\n\ninput");
    },
  },
  {
    does: "answers exit codes, signals and missing programs of a sandbox as they were",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(await t.sandbox());
      assert.equal((await exec(sandbox, "exit 255")).code, 255);
      assert.equal((await exec(sandbox, "kill -KILL $$")).code, 137);
      const spec = { command: ["no-such-program"], env: {}, workDir: undefined, user: undefined };
      assert.equal((await sandbox.exec(spec, new Output().io())).code, 127);
      assert.equal((await exec(sandbox, "echo alive")).stdout, "alive\n");
    },
  },
  {
    does: "does not wait for what a command of a sandbox leaves in the background",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(await t.sandbox());
      const first = await exec(sandbox, "sleep 3600 & echo $! > pid; echo started");
      assert.deepEqual([first.code, first.stdout], [0, "started\n"]);
      assert.equal((await exec(sandbox, "kill -0 $(cat pid) && echo runs")).stdout, "runs\n");
    },
  },
  {
    does: "stops one command of a sandbox when its signal aborts",
    needs: "sandbox",
    async run(t) {
      await using sandbox = await t.driver.startSandbox(await t.sandbox());
      const abort = new AbortController();
      const output = new Output();
      const command = ["sh", "-c", "echo ready; sleep 3600"];
      const result = sandbox.exec(
        { command, env: {}, workDir: undefined, user: undefined },
        output.io({ signal: abort.signal }),
      );
      await output.sees("ready\n");
      const reason = new Error("stop");
      abort.abort(reason);
      await assert.rejects(result, (error) => error === reason);
      if (sandbox.isOpen) assert.equal((await exec(sandbox, "echo alive")).stdout, "alive\n");
    },
  },
  {
    does: "ends everything in a sandbox when it is closed",
    needs: "sandbox",
    async run(t) {
      const sandbox = await t.driver.startSandbox(await t.sandbox());
      const output = new Output();
      const command = ["sh", "-c", "(setsid sleep 3600 &); echo ready; sleep 3600"];
      const result = sandbox.exec(
        { command, env: {}, workDir: undefined, user: undefined },
        output.io(),
      );
      const ended = result.then(() => "ended", () => "ended");
      await output.sees("ready\n");
      await sandbox[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
      assert.equal(await ended, "ended");
      assert.equal(sandbox.isOpen, false);
      const running = (await t.fixture.leftovers(t.runId)).filter((name) =>
        !/^(volume|folder) /.test(name)
      );
      assert.deepEqual(running, []);
    },
  },
];

async function exec(sandbox: Sandbox, script: string): Promise<Outcome> {
  const output = new Output();
  const command = ["sh", "-c", script];
  const { code } = await sandbox.exec(
    { command, env: {}, workDir: undefined, user: undefined },
    output.io(),
  );
  return { code, stdout: output.stdout, stderr: output.stderr };
}
