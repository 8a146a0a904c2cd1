import assert from "node:assert/strict";
import type { NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ContainerNodeSpec } from "../spec/mod.ts";
import { containerNode, Play } from "./_play.ts";
import type { Capabilities } from "../drivers/mod.ts";

const SECRET = "hunter2-hunter2";

Deno.test("a container node reads its input from a file and its output is the JSON that it writes", async () => {
  await using play = new Play({
    programs: {
      copy: ({ read, write, env, out }) => {
        out("this is the log then\n");
        assert.equal(env["PD_OUTPUT_FILE"], "/.pd/output.json");
        write("output.json", read("input.json"));
      },
    },
  });
  const input = { text: "äö\n", list: [1, null, { deep: true }] };
  const outcome = await play.runNode(containerNode("copy"), { input });
  assert.deepEqual(outcome, { status: "succeeded", output: input });
  assert.equal(play.begun, 1);
  assert.deepEqual(play.logs, [
    { level: "info", message: "this is the log then", fields: { stream: "stdout" } },
  ]);
});

Deno.test("a container node that writes no file has what it prints as its output", async (t) => {
  const cases: readonly (readonly [name: string, printed: string, output: JsonValue])[] = [
    ["JSON", '{"a":[1,2]}\n', { a: [1, 2] }],
    ["a number", "12\n", 12],
    ["a word of JSON", "null", null],
    ["text", "hello\nworld\n", "hello\nworld"],
    ["text with more than one newline at its end", "hello\n\n", "hello\n"],
    ["text that begins like JSON", "[x] done\n", "[x] done"],
    ["nothing", "", ""],
    ["a byte order mark", "\ufeffa", "\ufeffa"],
  ];
  for (const [name, printed, output] of cases) {
    await t.step(name, async () => {
      await using play = new Play({ programs: { print: ({ out }) => out(printed) } });
      assert.deepEqual(await play.runNode(containerNode("print")), { status: "succeeded", output });
    });
  }
});

Deno.test("a container node whose output cannot be used fails and says why", async (t) => {
  const cases: readonly (readonly [
    name: string,
    file: string | undefined,
    out: string,
    code: string,
    message: RegExp,
  ])[] = [
    ["no JSON", "{oops", "", "NODE_OUTPUT_INVALID", /PD_OUTPUT_FILE must be JSON/],
    ["an empty file", "", "{}", "NODE_OUTPUT_INVALID", /it is empty/],
    [
      "a large file",
      `"${"x".repeat(2000)}"`,
      "",
      "NODE_OUTPUT_TOO_LARGE",
      /is 1K: PD_OUTPUT_FILE/,
    ],
    ["a lot printed", undefined, "x".repeat(2000), "NODE_OUTPUT_TOO_LARGE", /is 1K: stdout/],
  ];
  for (const [name, file, printed, code, message] of cases) {
    await t.step(name, async () => {
      await using play = new Play({
        config: { max_output: 1000 },
        programs: {
          print: ({ out, write }) => {
            out(printed);
            if (file !== undefined) write("output.json", file);
          },
        },
      });
      const outcome = await play.runNode(containerNode("print"));
      assert(outcome.status === "failed");
      assert.equal(outcome.error.code, code);
      assert.match(outcome.error.message, message);
      assert.equal(outcome.retry.kind, "never");
    });
  }
});

Deno.test("a large log is no problem where the output is a file", async () => {
  await using play = new Play({
    config: { max_output: 1000 },
    programs: {
      talk: ({ out, write }) => {
        for (let i = 0; i < 100; i++) out(`${"x".repeat(100)}\n`);
        write("output.json", "1");
      },
    },
  });
  assert.deepEqual(await play.runNode(containerNode("talk")), { status: "succeeded", output: 1 });
});

Deno.test("a program that fails is a failed step with its exit code and last lines", async (t) => {
  const cases: readonly (readonly [name: string, code: number, reason: boolean, state: RegExp])[] =
    [
      ["its own code", 7, false, /node "step" .*: exit code 7\nc\nd\ne\nf\n\*\*\*$/],
      ["a signal", 143, false, /exit code 143/],
      ["memory", 137, true, /it ran out of memory, exit code 137/],
    ];
  for (const [name, code, isMemory, message] of cases) {
    await t.step(name, async () => {
      await using play = new Play({
        secrets: { api: { token: SECRET } },
        programs: {
          fail: ({ out, err }) => {
            out("a\n");
            err(`b\nc\nd\ne\nf\n${SECRET}`);
            return isMemory ? { code, reason: "out_of_memory" } : { code };
          },
        },
      });
      const outcome = await play.runNode(containerNode("fail"));
      assert(outcome.status === "failed");
      const { error, retry } = outcome;
      assert.equal(error.code, "STEP_FAILED");
      assert.equal(error.exitCode, code);
      assert.match(error.message, message);
      assert.deepEqual(retry, { kind: "policy" });
    });
  }
});

Deno.test("a script runs under sh -e, a command verbatim", async () => {
  await using play = new Play({ programs: { "echo $HOME": () => {}, run: () => {} } });
  await play.runNode(containerNode("", { command: { kind: "shell", script: "echo $HOME" } }));
  await play.runNode(
    containerNode("", { command: { kind: "exec", argv: ["run", "", "--", "$HOME"] } }),
  );
  assert.deepEqual(play.driver().tasks.map(({ command }) => command), [
    ["sh", "-e", "-c", "echo $HOME"],
    ["run", "", "--", "$HOME"],
  ]);
});

Deno.test("a program gets its own variables, its secrets and what the engine tells it, and nothing else", async () => {
  await using play = new Play({
    programs: { env: ({ env, write }) => write("output.json", JSON.stringify(env)) },
    secrets: { TOKEN: { value: "one-secret" }, github: { token: "another" } },
  });
  const outcome = await play.runNode(
    containerNode("env", {
      id: "render",
      env: { A: "1", PD_NODE: "me", ONE: "secret:TOKEN", TWO: "secret:github.token" },
      mounts: [{ name: "build-cache", path: "/cache/", readOnly: true }],
    }),
    { attempt: 3 },
  );
  assert.deepEqual(outcome, {
    status: "succeeded",
    output: {
      A: "1",
      ONE: "one-secret",
      TWO: "another",
      PD_RUN_ID: "run-1",
      PD_NODE: "render",
      PD_ATTEMPT: "3",
      PD_WORKSPACE: "/workspace",
      PD_MOUNT_WORKDIR: "/workspace",
      PD_MOUNT_BUILD_CACHE: "/cache",
      PD_INPUT_FILE: "/.pd/input.json",
      PD_OUTPUT_FILE: "/.pd/output.json",
    },
  });
});

Deno.test("a secret that is missing fails the node before anything starts, and is named", async () => {
  await using play = new Play({ programs: { run: () => {} } });
  const outcome = await play.runNode(
    containerNode("run", { env: { A: "secret:NOPE", B: "secret:a.b" } }),
  );
  assert(outcome.status === "failed");
  assert.equal(outcome.error.code, "SECRET_MISSING");
  assert.match(outcome.error.message, /"NOPE", "a.b" are not/);
  assert.equal(play.drivers.size, 0);
});

Deno.test("what a driver cannot do is refused before anything starts", async (t) => {
  const cases: readonly (readonly [keyof Capabilities, Partial<ContainerNodeSpec>, RegExp])[] = [
    [
      "limits",
      { limits: { cpu: 1, memoryBytes: undefined } },
      /"limits" that "limits" needs: it is a fake$/,
    ],
    ["user", { user: "nobody" }, /"user" that "user" needs$/],
    ["readOnlyMounts", { mounts: [{ name: "a", path: "/a", readOnly: true }] }, /"readOnlyMounts"/],
  ];
  for (const [capability, overrides, message] of cases) {
    await t.step(capability, async () => {
      await using play = new Play({
        programs: { run: () => {} },
        capabilities: { [capability]: false },
      });
      const outcome = await play.runNode(containerNode("run", overrides));
      assert(outcome.status === "failed");
      assert.equal(outcome.error.code, "NOT_SUPPORTED");
      assert.match(outcome.error.message, /driver "docker" lacks the capability/);
      assert.match(outcome.error.message, message);
      assert.match(outcome.error.fix ?? "", /^Remove nodes\.step\.\w+ in workflow\.yaml/);
      assert.deepEqual(play.driver().done, []);
    });
  }
  await t.step("an image that nobody names", async () => {
    await using play = new Play({ programs: { run: () => {} } });
    const outcome = await play.runNode(containerNode("run", { image: undefined }));
    assert(outcome.status === "failed");
    assert.equal(outcome.error.code, "TASK_INVALID");
  });
  await t.step("an image on the bare machine is no matter", async () => {
    await using play = new Play({ programs: { run: () => {} }, capabilities: { images: false } });
    assert.equal((await play.runNode(containerNode("run"))).status, "succeeded");
    assert.equal(play.driver().tasks[0]?.image, undefined);
  });
});

Deno.test("the driver is the node's, the settings', the config's, else docker", async (t) => {
  const cases:
    readonly (readonly [string, string | undefined, string | undefined, string | undefined])[] = [
      ["podman", "podman", "native", "k8s"],
      ["native", undefined, "native", "k8s"],
      ["k8s", undefined, undefined, "k8s"],
      ["docker", undefined, undefined, undefined],
    ];
  for (const [want, node, settings, config] of cases) {
    await t.step(want, async () => {
      await using play = new Play({
        programs: { run: () => {} },
        settings: { driver: settings },
        config: config === undefined ? {} : { driver: config },
      });
      await play.runNode(containerNode("run", { driver: node }));
      assert.deepEqual([...play.drivers.keys()], [want]);
    });
  }
});

Deno.test("a driver is opened once for all runs", async () => {
  let opened = 0;
  await using play = new Play({ programs: { run: () => void opened++ } });
  await Promise.all(
    ["a", "b", "c"].map((runId) => play.runNode(containerNode("run"), { runId })),
  );
  assert.equal(play.drivers.size, 1);
  assert.equal(opened, 3);
});

Deno.test("a stopped node is cancelled at once, and its removal goes on", async () => {
  const started = Promise.withResolvers<void>();
  const removed = Promise.withResolvers<void>();
  await using play = new Play({
    programs: {
      hang: () => {
        started.resolve();
        return new Promise<void>(() => {});
      },
      next: () => {},
    },
  });
  const stop = new AbortController();
  const outcome = play.runNode(containerNode("hang"), { signal: stop.signal });
  await started.promise;
  play.driver().stopping = removed.promise;
  stop.abort(new Error("stop"));
  assert.deepEqual(await outcome, { status: "cancelled" });
  assert.deepEqual([...play.driver().running], ["step-1"]);

  let next: NodeOutcome | undefined;
  const second = play.runNode(containerNode("next"), { attempt: 2 }).then((outcome) =>
    next = outcome
  );
  let isEnded = false;
  await play.clock.advance(0);
  assert.equal(next, undefined, "a new attempt waits until the old one is gone");
  removed.resolve();
  assert.equal((await second).status, "succeeded");
  await play.containers.endRun("run-1").then(() => isEnded = true);
  assert.equal(isEnded, true);
  assert.deepEqual(play.driver().done.at(-1), "end run-1");
});

Deno.test("the end of a run waits until everything of it is gone", async () => {
  const started = Promise.withResolvers<void>();
  const removed = Promise.withResolvers<void>();
  await using play = new Play({
    programs: {
      hang: () => {
        started.resolve();
        return new Promise<void>(() => {});
      },
    },
  });
  const outcome = play.runNode(containerNode("hang"));
  await started.promise;
  play.driver().stopping = removed.promise;
  let isEnded = false;
  const ended = play.containers.endRun("run-1").then(() => isEnded = true);
  assert.deepEqual(await outcome, { status: "cancelled" });
  await play.clock.advance(0);
  assert.equal(isEnded, false);
  assert(!play.driver().done.includes("end run-1"));
  removed.resolve();
  await ended;
  assert.equal(play.driver().running.size, 0);
  assert.deepEqual(play.driver().volumes, []);
});

Deno.test("a run that used no container ends at once", async () => {
  await using play = new Play();
  await play.containers.endRun("run-1");
  assert.equal(play.drivers.size, 0);
});
