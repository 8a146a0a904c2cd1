import assert from "node:assert/strict";
import type { PdError } from "../errors/mod.ts";
import { memoryTasks } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { codeNode, Play, processAsk, taskAsk } from "./_play.ts";
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

Deno.test("runtime.run answers how a step ended, and tells its output when asked to", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const answer = await play.ask(
    "runtime.run",
    taskAsk("say", { command: ["say", "hi"], wantsOutput: true }),
  );
  assert.deepEqual(answer, { status: "succeeded", code: 0, stdout: "hi\n", stderr: "careful\n" });
  assert.deepEqual(play.told, [
    { stream: "stdout", text: "hi\n" },
    { stream: "stderr", text: "careful\n" },
  ]);
  assert.equal(play.shown, "hi\ncareful\n");
  assert.deepEqual(await play.ask("runtime.run", taskAsk("fail")), {
    status: "failed",
    code: 3,
    stdout: "",
    stderr: "no\n",
  });
});

Deno.test("runtime.run takes two steps of one name for two, and one that is done for done", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const tasks = memoryTasks();
  const first = play.call(codeNode(), { tasks });
  const ask = (
    call: typeof first,
    index: number,
    more: { readonly [key: string]: JsonValue } = {},
  ) => play.ask("runtime.run", taskAsk("say", { index, name: "step", ...more }), { call });
  await ask(first, 0);
  await ask(first, 1);
  assert.equal(play.driver().tasks.length, 2);

  const resumed = play.call(codeNode(), { tasks, attempt: 2, isResumed: true });
  assert.deepEqual(await ask(resumed, 0), {
    status: "succeeded",
    code: 0,
    stdout: "\n",
    stderr: "careful\n",
  });
  assert.equal(play.driver().tasks.length, 2);
  await ask(resumed, 1, { command: ["say", "something else"] });
  assert.equal(play.driver().tasks.length, 3);
  assert.match(play.logs.map(({ message }) => message).join("\n"), /Step "step" runs again/);
});

Deno.test("runtime.run runs a failed step again in a retry, and not after a resume", async () => {
  const tasks = memoryTasks();
  {
    await using play = new Play({ programs: PROGRAMS });
    for (const attempt of [1, 1, 2]) {
      await play.ask("runtime.run", taskAsk("fail"), {
        call: play.call(codeNode(), { tasks, attempt }),
      });
    }
    assert.deepEqual(play.driver().tasks.map(({ id }) => id), ["a-1-0-fail", "a-2-0-fail"]);
  }
  await using later = new Play({ programs: PROGRAMS });
  const call = later.call(codeNode(), { tasks, attempt: 3, isResumed: true });
  assert.equal(
    (await later.ask("runtime.run", taskAsk("fail"), { call }) as { code: number }).code,
    3,
  );
  assert.equal(later.drivers.size, 0);
});

Deno.test("runtime.run looks secrets up, and fails before anything starts when one is missing", async () => {
  await using play = new Play({
    programs: { env: ({ env, out }) => out(env["A"] ?? "") },
    secrets: { KEY: { value: "a-secret" } },
  });
  const ask = (value: string) => play.ask("runtime.run", taskAsk("env", { env: { A: value } }));
  await assert.rejects(ask("secret:NOPE"), (error: PdError) => {
    assert.equal(error.code, "SECRET_MISSING");
    assert.match(error.message, /"NOPE"/);
    return true;
  });
  assert.equal(play.drivers.size, 0);
  assert.equal((await ask("secret:KEY") as { stdout: string }).stdout, "a-secret");
  assert.equal(play.shown, "***");
});

Deno.test("a node reaches the secrets of its permissions by way of its engine, and no others", async () => {
  const permissions = { net: undefined, read: undefined, write: undefined, secrets: ["mine"] };
  await using play = new Play({
    programs: { env: ({ env, out }) => out(env["A"] ?? "") },
    secrets: { KEY: { value: "a-secret" }, mine: { value: "my-secret" } },
  });
  const node = codeNode({ permissions });
  const ask = (value: string, spec = node) =>
    play.ask("runtime.run", taskAsk("env", { env: { A: value } }), { call: play.call(spec) });
  await assert.rejects(ask("secret:KEY"), codeOf("SECRET_MISSING"));
  assert.equal((await ask("secret:mine") as { stdout: string }).stdout, "my-secret");
  const pipeline = { ...node, config: { pipeline_id: "p" } };
  assert.equal((await ask("secret:KEY", pipeline) as { stdout: string }).stdout, "a-secret");
});

Deno.test("runtime.run stops a step that takes longer than its timeout", async () => {
  const started = Promise.withResolvers<void>();
  await using play = new Play({
    programs: {
      hang: () => {
        started.resolve();
        return new Promise<void>(() => {});
      },
    },
  });
  const asking = play.ask("runtime.run", taskAsk("hang", { timeoutMs: 1_500 }));
  asking.catch(() => {});
  await started.promise;
  await play.clock.advance(1_500);
  await assert.rejects(asking, (error: PdError) => {
    assert.equal(error.code, "TASK_TIMEOUT");
    assert.match(error.message, /step "hang" as its timeout is 1\.5s/);
    return true;
  });
});

Deno.test("runtime.run answers two full streams with what the frame to the node takes", async () => {
  const much = "x".repeat(17 * 1024 * 1024);
  await using play = new Play({
    programs: {
      flood: ({ out, err }) => {
        out(much);
        err(much);
      },
    },
  });
  const answer = await play.ask("runtime.run", taskAsk("flood", { command: ["flood"] }));
  const { stdout, stderr } = answer as { stdout: string; stderr: string };
  assert.match(stdout.slice(-60), /x\n\[cut off: 8388608 of 17825792 bytes\]\n$/);
  assert.match(stderr.slice(-60), /x\n\[cut off: 8388608 of 17825792 bytes\]\n$/);
});

Deno.test("runtime.run marks output that is cut off", async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(120);
  await using play = new Play({
    programs: {
      flood: ({ out }) => {
        for (let i = 0; i < 17; i++) out(chunk);
      },
    },
  });
  const { stdout } = await play.ask("runtime.run", taskAsk("flood")) as { stdout: string };
  assert.match(stdout.slice(-60), /x\n\[cut off: 16777216 of 17825792 bytes\]\n$/);
});

Deno.test("volumes are the run's: workdir is its workspace, others are empty and stay", async () => {
  await using play = new Play({
    programs: {
      ...PROGRAMS,
      write: async ({ dir }) => await Deno.writeTextFile(`${dir("/data")}/a`, "1"),
      read: async ({ dir, out }) => out(await Deno.readTextFile(`${dir("/other")}/a`)),
    },
  });
  assert.equal(await play.ask("runtime.createVolume", { name: "data", sizeMb: 5 }), "data");
  assert.equal(await play.ask("runtime.createVolume", { name: "workdir" }), "workdir");
  await play.ask("runtime.run", taskAsk("write", { index: 0, mounts: { "/data": "data" } }));
  const read = await play.ask(
    "runtime.run",
    taskAsk("read", { index: 1, mounts: { "/other": "data" } }),
  );
  assert.equal((read as { stdout: string }).stdout, "1");
  await play.ask(
    "runtime.run",
    taskAsk("say", { index: 2, mounts: { "/workspace": "data", "/other": "workdir" } }),
  );
  assert.deepEqual(
    play.driver().tasks.at(-1)?.mounts.map(({ volume, path }) => [volume.name, path]),
    [["data", "/workspace"], ["workdir", "/other"]],
  );
  assert.deepEqual(play.driver().volumes.toSorted(), ["data", "workdir"]);
});

Deno.test("a sandbox stays until it is closed, and belongs to its node", async () => {
  await using play = new Play({
    programs: { ...PROGRAMS, env: ({ env, out }) => out(`${env["A"]}${env["B"]}`) },
  });
  const call = play.call(codeNode());
  const { index, name, image, env, mounts, limits, privileged } = taskAsk("box", {
    env: { A: "1" },
  }) as {
    readonly [key: string]: JsonValue;
  };
  const start = { index, name, image, env, mounts, limits, privileged } as JsonValue;
  const { sandbox } = await play.ask("runtime.startSandbox", start, { call }) as {
    sandbox: number;
  };
  const exec = (command: string, of = call) =>
    play.ask("sandbox.exec", { sandbox, command: [command], env: { B: "2" }, wantsOutput: false }, {
      call: of,
    });
  assert.equal((await exec("env") as { stdout: string }).stdout, "12");
  assert.equal((await exec("fail") as { status: string }).status, "failed");
  await assert.rejects(exec("env", play.call(codeNode({ id: "other" }))), codeOf("TASK_INVALID"));
  assert.equal(await play.ask("sandbox.close", { sandbox }, { call }), null);
  assert.equal(await play.ask("sandbox.close", { sandbox }, { call }), null);
  await assert.rejects(exec("env"), /it was closed/);
  assert.deepEqual(play.driver().done.slice(-1), ["close docker.io/library/alpine:3"]);
});

Deno.test("a sandbox that nobody closes goes with its node's call", async () => {
  await using play = new Play({ programs: PROGRAMS });
  const end = new AbortController();
  await play.ask("runtime.startSandbox", taskAsk("box"), { signal: end.signal });
  assert.equal(play.driver().running.size, 1);
  end.abort();
  await play.clock.advance(0);
  assert.equal(play.driver().running.size, 0);
});

Deno.test("what a driver lacks is refused in the words of the call", async (t) => {
  const cases:
    readonly (readonly [string, string, { readonly [key: string]: JsonValue }, RegExp])[] = [
      [
        "privileged",
        "runtime.run",
        { privileged: true },
        /Remove "privileged" of runtime\.run\(\)/,
      ],
      ["stdin", "runtime.run", { stdin: "x" }, /Remove "stdin"/],
      ["images", "runtime.run", { command: null }, /Set "command"/],
      ["sandbox", "runtime.startSandbox", {}, /such as --driver docker/],
    ];
  for (const [capability, method, more, fix] of cases) {
    await t.step(capability, async () => {
      await using play = new Play({ programs: PROGRAMS, capabilities: { [capability]: false } });
      await assert.rejects(play.ask(method, taskAsk("say", more)), (error: PdError) => {
        assert.equal(error.code, "NOT_SUPPORTED");
        assert.match(
          error.message,
          new RegExp(`driver "docker" lacks the capability "${capability}"`),
        );
        assert.match(error.fix ?? "", fix);
        return true;
      });
      assert.deepEqual(play.driver().done, []);
    });
  }
});

Deno.test("parameters that make no sense are refused by name", async (t) => {
  const cases: readonly (readonly [method: string, params: JsonValue, message: RegExp])[] = [
    ["process.run", null, /its parameters must be an object/],
    ["process.run", processAsk(""), /command must be text/],
    ["process.run", processAsk("a\0b"), /command must be text/],
    ["process.run", processAsk("a", { args: ["x", 1] }), /args must be a list/],
    ["process.run", processAsk("a", { env: { "A=B": "" } }), /env\.A=B must be a name/],
    ["process.run", processAsk("a", { env: { A: 1 } }), /env\.A must be text/],
    ["process.run", processAsk("a", { timeoutMs: 0 }), /timeoutMs must be/],
    ["process.run", processAsk("a", { stdoutLevel: "loud" }), /stdoutLevel must be one of/],
    ["runtime.run", taskAsk("a", { index: -1 }), /index must be a whole number/],
    ["runtime.run", taskAsk("a", { command: [] }), /command must be a program/],
    ["runtime.run", taskAsk("a", { mounts: { "/a/../b": "v" } }), /mounts must be absolute/],
    ["runtime.run", taskAsk("a", { mounts: { "/a": "../v" } }), /mounts\["\/a"\] must be a name/],
    ["runtime.run", taskAsk("a", { limits: { cpu: -1 } }), /limits\.cpu must be a number above 0/],
    ["runtime.run", taskAsk("a", { privileged: "yes" }), /privileged must be true or false/],
    ["runtime.createVolume", { name: "a/b" }, /name must be a name/],
    ["runtime.createVolume", { name: "a", sizeMb: 1.5 }, /sizeMb must be a whole number/],
    ["sandbox.exec", { sandbox: "1", command: ["a"] }, /sandbox must be a whole number/],
    ["runtime.format", {}, /"runtime\.format" for node "a" as there is no such thing/],
    ["toString", {}, /there is no such thing/],
  ];
  await using play = new Play();
  for (const [method, params, message] of cases) {
    await t.step(`${method} ${JSON.stringify(params).slice(0, 60)}`, async () => {
      await assert.rejects(play.ask(method, params), message);
    });
  }
  assert.equal(play.drivers.size, 0);
});
