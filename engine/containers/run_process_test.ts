import assert from "node:assert/strict";
import { DriverError } from "../drivers/mod.ts";
import type { PdError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { codeNode, Play, processAsk } from "./_play.ts";
import type { FakePrograms } from "./_fake_driver.ts";

const PROGRAMS: FakePrograms = {
  say: ({ out, err, command }) => {
    out(`${command.slice(1).join(" ")}\n`);
    err("careful\n");
  },
  cat: async ({ input, out }) => out(await input()),
  fail: ({ err }) => {
    err("no\n");
    return 3;
  },
  hang: () => new Promise<void>(() => {}),
};

function codeOf(code: string): (error: unknown) => boolean {
  return (error) => (error as PdError).code === code;
}

Deno.test("process.run keeps one container for the image, and runs command after command in it", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const call = play.call(codeNode());
  const end = new AbortController();
  const ask = (params: JsonValue) => play.ask("process.run", params, { call, signal: end.signal });
  assert.deepEqual(await ask(processAsk("say", { args: ["a", "", "b"] })), {
    exitCode: 0,
    stdout: "a  b\n",
    stderr: "careful\n",
  });
  assert.deepEqual(
    await Promise.all([
      ask(processAsk("cat", { stdin: "one" })),
      ask(processAsk("cat", { stdin: "two" })),
      ask(processAsk("fail")),
    ]),
    [
      { exitCode: 0, stdout: "one", stderr: "" },
      { exitCode: 0, stdout: "two", stderr: "" },
      { exitCode: 3, stdout: "", stderr: "no\n" },
    ],
  );
  assert.equal(play.driver().sandboxes.length, 1);
  await ask(processAsk("say", { image: "docker.io/library/node:22" }));
  assert.deepEqual(play.driver().sandboxes.map(({ image }) => image), [
    "docker.io/library/alpine:3",
    "docker.io/library/node:22",
  ]);
  end.abort();
  await play.containers.endRun("run-1");
  assert.deepEqual(play.driver().done.slice(-3), [
    "close docker.io/library/alpine:3",
    "close docker.io/library/node:22",
    "end run-1",
  ]);
});

Deno.test("process.run gives a new attempt a fresh container", async () => {
  await using play = new Play({ programs: PROGRAMS });
  for (const attempt of [1, 2]) {
    const end = new AbortController();
    const call = play.call(codeNode(), { attempt });
    await play.ask("process.run", processAsk("say"), { call, signal: end.signal });
    end.abort();
  }
  assert.equal(play.driver().sandboxes.length, 2);
  assert.deepEqual(play.driver().sandboxes.map(({ env }) => env["PD_ATTEMPT"]), ["1", "2"]);
});

Deno.test("process.run logs what a command writes at the levels that it was asked for", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const call = play.call(codeNode());
  await play.ask(
    "process.run",
    processAsk("say", { args: ["x"], stdoutLevel: "debug", stderrLevel: "error" }),
    { call },
  );
  assert.deepEqual(play.logs, [
    { level: "debug", message: "x", fields: { command: "say" } },
    { level: "error", message: "careful", fields: { command: "say" } },
  ]);
  assert.equal(play.shown, "");
});

Deno.test("process.run runs a container per command where none can be kept", async (t) => {
  await t.step("as the driver has no sandboxes", async () => {
    await using play = new Play({ programs: PROGRAMS, capabilities: { sandbox: false } });
    const call = play.call(codeNode());
    await play.ask("process.run", processAsk("say"), { call });
    await play.ask("process.run", processAsk("fail"), { call });
    assert.deepEqual(play.driver().tasks.map(({ command }) => command), [["say"], ["fail"]]);
  });
  await t.step("as the image has nothing to wait with, which is tried once", async () => {
    await using play = new Play({ programs: PROGRAMS });
    const call = play.call(codeNode());
    await play.containers.endRun("run-1");
    await play.ask("process.run", processAsk("say", { image: "other" }), { call });
    play.driver().sandboxError = new DriverError(
      "NOT_SUPPORTED",
      "Cannot keep it as it has no shell",
    );
    await play.ask("process.run", processAsk("say"), { call });
    play.driver().sandboxError = undefined;
    await play.ask("process.run", processAsk("say"), { call });
    assert.equal(play.driver().tasks.length, 2);
  });
});

Deno.test("process.run without any image says where to name one", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const call = play.call(codeNode({ container: undefined }));
  await assert.rejects(play.ask("process.run", processAsk("say"), { call }), (error: PdError) => {
    assert.equal(error.code, "TASK_INVALID");
    assert.match(error.fix ?? "", /nodes\.a\.container or config\.container/);
    return true;
  });
});

Deno.test("process.run takes the image of the config where its node names none", async () => {
  await using play = new Play({ programs: PROGRAMS, config: { container: "from-config" } });
  await play.ask("process.run", processAsk("say"), {
    call: play.call(codeNode({ container: undefined })),
  });
  assert.equal(play.driver().sandboxes[0]?.image, "from-config");
});

Deno.test("process.run takes `secret:` for text, as its node may not have that secret", async () => {
  await using play = new Play({
    programs: { env: ({ env, out }) => out(env["A"] ?? "") },
    secrets: { KEY: { value: "a-secret" } },
  });
  const call = play.call(codeNode());
  const answer = await play.ask("process.run", processAsk("env", { env: { A: "secret:KEY" } }), {
    call,
  });
  assert.deepEqual(answer, { exitCode: 0, stdout: "secret:KEY", stderr: "" });
});

Deno.test("a command ends with its timeout, its question and its node", async (t) => {
  await t.step("timeout", async () => {
    const started = Promise.withResolvers<void>();
    await using play = new Play({
      programs: {
        hang: () => {
          started.resolve();
          return new Promise<void>(() => {});
        },
      },
    });
    const call = play.call(codeNode());
    const asking = play.ask("process.run", processAsk("hang", { timeoutMs: 500 }), { call });
    asking.catch(() => {});
    await started.promise;
    await play.clock.advance(499);
    assert(play.driver().running.has("hang"));
    await play.clock.advance(1);
    await assert.rejects(asking, codeOf("TASK_TIMEOUT"));
    await play.clock.advance(0);
    assert(!play.driver().running.has("hang"));
  });
  for (const which of ["question", "node"] as const) {
    await t.step(which, async () => {
      await using play = new Play({ programs: PROGRAMS });
      const stop = new AbortController();
      const idle = new AbortController();
      const call = play.call(codeNode(), { signal: which === "node" ? stop.signal : idle.signal });
      const signal = which === "question" ? stop.signal : idle.signal;
      const asking = play.ask("process.run", processAsk("hang"), { call, signal });
      asking.catch(() => {});
      await play.clock.advance(0);
      stop.abort(new Error("enough"));
      await assert.rejects(asking, /enough/);
    });
  }
});
