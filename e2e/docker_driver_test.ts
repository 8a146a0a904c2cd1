import assert from "node:assert/strict";
import { type Driver, DriverError } from "../engine/drivers/mod.ts";
import { openDocker, PLAIN, type Ran, runIn, startBox, textStream } from "./_docker_driver.ts";
import { BUSYBOX, DockerServer, SHELL_LESS } from "./_docker_server.ts";

const found = await DockerServer.find();
let server: DockerServer;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await DockerServer.start();
});
Deno.test.afterAll(async () => {
  if (found.status === "ready") await server[Symbol.asyncDispose]();
});

/** A test with a driver of its own, which must leave nothing behind. */
function test(name: string, fn: (driver: Driver) => Promise<void>): void {
  Deno.test({
    name: `docker driver: ${name}`,
    ignore: found.status === "missing",
    async fn() {
      {
        await using driver = await openDocker(server);
        await fn(driver);
      }
      assert.deepEqual(await server.left(), []);
    },
  });
}

const EXITS: readonly { name: string; command: string[]; want: Partial<Ran> | RegExp }[] = [
  { name: "0", command: ["true"], want: { code: 0, stdout: "", stderr: "" } },
  {
    name: "7, and both streams apart",
    command: ["sh", "-c", "echo a; echo b >&2; exit 7"],
    want: {
      code: 7,
      stdout: "a\n",
      stderr: "b\n",
    },
  },
  { name: "137 for SIGKILL", command: ["sh", "-c", "kill -KILL $$"], want: { code: 137 } },
  { name: "143 for SIGTERM", command: ["sh", "-c", "kill -TERM $$"], want: { code: 143 } },
  { name: "127 without such a program", command: ["no-such"], want: { code: 127, stdout: "" } },
  { name: "126 for what is none", command: ["/etc/passwd"], want: { code: 126, stdout: "" } },
  { name: "126 for a folder", command: ["/etc"], want: { code: 126, stdout: "" } },
  {
    name: "words as they are",
    command: [
      "printf",
      "[%s]",
      "",
      "--",
      "-n",
      "--help",
      "a b",
      "it's",
      'q"',
      "l\nm",
      "ä→😀",
      "$A",
    ],
    want: { code: 0, stdout: `[][--][-n][--help][a b][it's][q"][l\nm][ä→😀][$A]` },
  },
];

test("a command ends as it does on its own, in a task and in a sandbox", async (driver) => {
  await using box = await startBox(driver);
  for (const { name, command, want } of EXITS) {
    for (const ran of [await runIn(driver, command), await box.exec(command)]) {
      assert.deepEqual({ ...ran, ...want }, ran, name);
      assert.equal(ran.stderr !== "", ran.code === 127 || ran.code === 126 || ran.code === 7, name);
    }
  }
});

test("output comes while the program runs, and its input is what is fed meanwhile", async (driver) => {
  await using box = await startBox(driver);
  const command = ["sh", "-c", "echo first; read line; echo got $line"];
  for (const run of [runIn.bind(undefined, driver), box.exec] as const) {
    const first = Promise.withResolvers<void>();
    const stdin = new ReadableStream<Uint8Array>({
      async start(controller) {
        await first.promise;
        controller.enqueue(new TextEncoder().encode("second\n"));
        controller.close();
      },
    });
    const ran = await run(command, { io: { stdin, onStdout: () => first.resolve() } });
    assert.deepEqual([ran.code, ran.stdout], [0, "first\ngot second\n"]);
  }
});

test("a large input goes through byte for byte", async (driver) => {
  const text = "0123456789abcdef".repeat(64 * 1024);
  const ran = await runIn(driver, ["cat"], { io: { stdin: textStream(text) } });
  assert.equal(ran.stdout, text);
  const ignored = await runIn(driver, ["true"], { io: { stdin: textStream(text) } });
  assert.equal(ignored.code, 0);
});

test("a program gets what is asked: variables, user, folder, entry point", async (driver) => {
  const volume = await driver.createVolume({ runId: "run", name: "workdir" });
  const mounts = [{ volume, path: "/workspace", readOnly: false }];
  const show = ["sh", "-c", "echo $A; id -u; pwd; touch x && echo wrote"];
  assert.equal((await runIn(driver, show, { env: { A: "a b=c" } })).stdout, "a b=c\n0\n/\nwrote\n");
  const asked = { mounts, user: "app", env: { A: "1" } };
  assert.equal((await runIn(driver, show, asked)).stdout, "1\n1000\n/workspace\nwrote\n");
  const below = await runIn(driver, ["pwd"], { mounts, workDir: "sub/dir" });
  assert.equal(below.stdout, "/workspace/sub/dir\n");
  await server.buildImage("pd-test/entry:1", { changes: ['ENTRYPOINT ["/bin/echo","entry"]'] });
  assert.equal((await runIn(driver, undefined, { image: "pd-test/entry:1" })).stdout, "entry\n");
  assert.equal((await runIn(driver, ["pwd"], { image: "pd-test/entry:1" })).stdout, "/\n");
  const fixed = [{ volume, path: "/workspace", readOnly: true }];
  assert.equal((await runIn(driver, ["touch", "x"], { mounts: fixed })).code, 1);
  for (const wrong of [{ user: "nobody-here" }, { command: [] }, { image: undefined }]) {
    await assert.rejects(runIn(driver, ["true"], wrong), { code: "TASK_INVALID" });
  }
});

test("containers have an init process and labels, and log nothing", async (driver) => {
  const started = Promise.withResolvers<void>();
  const abort = new AbortController();
  const volume = await driver.createVolume({ runId: "run", name: "data" });
  const running = runIn(driver, ["sleep", "1000"], {
    id: "labelled",
    mounts: [{ volume, path: "/data", readOnly: false }],
    io: { signal: abort.signal, onStart: () => started.resolve() },
  });
  await started.promise;
  const id = await server.docker("ps", "--quiet", "--filter", "label=pipedreamer.task=labelled");
  const [container] = JSON.parse(await server.docker("inspect", id));
  assert.equal(container.HostConfig.Init, true);
  assert.equal(container.HostConfig.LogConfig.Type, "none");
  const want = { "pipedreamer.run": "run", "pipedreamer.pid": `${Deno.pid}` };
  const names = ["owner", "host", "pid", "started", "run"].map((name) => `pipedreamer.${name}`);
  const [kept] = JSON.parse(await server.docker("volume", "inspect", volume.id));
  for (const labels of [container.Config.Labels, kept.Labels]) {
    assert.deepEqual({ ...labels, ...want }, labels);
    for (const name of names) assert.ok(labels[name], name);
  }
  abort.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
});

test("an image that is not there may not or cannot be fetched", async (driver) => {
  for (const pull of ["never", "missing", "always"] as const) {
    const image = "localhost:1/none/such:1";
    await assert.rejects(runIn(driver, ["true"], { image, pull }), { code: "IMAGE_UNAVAILABLE" });
  }
  await assert.rejects(startBox(driver, { image: "none/such:1" }), { code: "IMAGE_UNAVAILABLE" });
});

for (
  const { who, user, command } of [
    { who: "root's shell", user: "0:0", command: ["sh", "-c"] },
    { who: "the shell of the image's user", user: undefined, command: ["sh", "-c"] },
    { who: "another user's shell", user: "app", command: ["sh", "-c"] },
    { who: "another program", user: undefined, command: ["busybox", "sh", "-c"] },
  ]
) {
  test(`a task's own files go in to ${who}, and come back up to their limit`, async (driver) => {
    const content = `{"text": "$HOME \`id\` ' \\\\ %s ü\\n"}\n\n`;
    const files = [
      { name: "in.json", variable: "IN", content: new TextEncoder().encode(content) },
      { name: "zero", variable: "ZERO", content: new Uint8Array() },
      { name: "out.json", variable: "OUT", collectBytes: 4 },
      { name: "none.json", variable: "NONE", collectBytes: 4 },
      { name: "link.json", variable: "LINK", collectBytes: 4 },
    ];
    const script = `cat $IN $ZERO; printf abcdef > $OUT; ln -s /etc/passwd $LINK
      stat -c %a $IN \${IN%/*}; env | grep PD_FILE; echo "$@" >&2; exit 3`;
    const ran = await runIn(driver, [...command, script, "sh", "a b", ""], { files, user });
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [3, `${content}644\n777\n`, "a b \n"]);
    const bytes = new TextEncoder().encode("abcd");
    assert.deepEqual(ran.files, { "out.json": { bytes, isTruncated: true } });
  });
}

test("a task's own files may be any bytes, and large", async (driver) => {
  const content = new Uint8Array(300_000).map((_, at) => at % 251);
  const files = [{ name: "in", variable: "IN", content }];
  const ran = await runIn(driver, ["sh", "-c", "sha256sum < $IN"], { files });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();
  assert.equal(ran.stdout, `${digest}  -\n`);
});

test("a task id is one task, for two drivers at the same time as well", async (driver) => {
  await using other = await openDocker(server);
  const volume = await driver.createVolume({ runId: "run", name: "data" });
  const mounts = [{ volume, path: "/data", readOnly: false }];
  const command = ["sh", "-c", "sleep 0.3; echo once >> /data/times; exit 3"];
  const same = { id: "same", mounts };
  const all = await Promise.all([
    runIn(driver, command, same),
    runIn(driver, command, same),
    runIn(other, command, same),
  ]);
  all.push(await runIn(driver, command, same));
  assert.deepEqual(all.map(({ code }) => code), [3, 3, 3, 3]);
  assert.equal((await runIn(driver, ["cat", "/data/times"], { mounts })).stdout, "once\n");
});

test("tasks at the same time share a volume", async (driver) => {
  const volume = await driver.createVolume({ runId: "run", name: "workdir" });
  assert.deepEqual(await driver.createVolume({ runId: "run", name: "workdir" }), volume);
  const mounts = [{ volume, path: "/workspace", readOnly: false }];
  const meet = (mine: string, other: string) => `touch ${mine}; until [ -e ${other} ]; do :; done`;
  const met = await Promise.all([
    runIn(driver, ["sh", "-c", meet("a", "b")], { mounts }),
    runIn(driver, ["sh", "-c", meet("b", "a")], { mounts }),
  ]);
  assert.deepEqual(met.map(({ code }) => code), [0, 0]);
});

test("a program that uses too much memory ends with a reason", async (driver) => {
  const grow = ["sh", "-c", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"];
  const ran = await runIn(driver, grow, { limits: { memoryBytes: 24_000_000, cpu: 0.9 } });
  assert.deepEqual([ran.code, ran.reason], [137, "out_of_memory"]);
  assert.equal((await runIn(driver, ["sh", "-c", "kill -KILL $$"])).reason, undefined);
});

test("an abort ends a program that obeys, and one that does not", async (driver) => {
  for (const [trap, said] of [["echo bye; exit 0", "bye\n"], ["", ""]] as const) {
    const abort = new AbortController();
    let stdout = "";
    const running = runIn(driver, [
      "sh",
      "-c",
      `trap '${trap}' TERM; echo; while :; do sleep 0.05; done`,
    ], {
      killGraceMs: said === "" ? 100 : 10_000,
      io: {
        signal: abort.signal,
        onStdout(bytes) {
          stdout += new TextDecoder().decode(bytes);
          abort.abort(new Error("enough"));
        },
      },
    });
    await assert.rejects(running, { message: "enough" });
    assert.equal(stdout, `\n${said}`);
    assert.deepEqual(await server.left(), []);
  }
});

test("no container is left after an abort at any moment", async (driver) => {
  const random = seeded(20_26);
  for (let round = 0; round < 30; round++) {
    const afterMs = Math.floor(random() * 160);
    const signal = AbortSignal.timeout(afterMs);
    const ran = runIn(driver, ["sleep", "0.05"], { killGraceMs: 10, io: { signal } });
    await ran.then(() => {}, (error) => assert.equal(error, signal.reason, `after ${afterMs} ms`));
    assert.deepEqual(await server.left(), [], `after ${afterMs} ms`);
  }
});

test("an abort in a sandbox ends that command alone", async (driver) => {
  await using box = await startBox(driver);
  const other = Promise.withResolvers<void>();
  const kept = box.exec(["sh", "-c", "read x; echo $x"], {
    io: {
      stdin: new ReadableStream({
        async start(controller) {
          await other.promise;
          controller.enqueue(new TextEncoder().encode("alive\n"));
          controller.close();
        },
      }),
    },
  });
  for (const user of ["root", "app"]) {
    const abort = new AbortController();
    const running = box.exec(["sh", "-c", "sleep 1000 & echo; wait"], {
      user,
      io: { signal: abort.signal, onStdout: () => abort.abort(new Error("enough")) },
    });
    await assert.rejects(running, { message: "enough" });
  }
  assert.equal(box.isOpen, true);
  assert.doesNotMatch((await box.exec(["ps"])).stdout, /sleep 1000/);
  other.resolve();
  assert.equal((await kept).stdout, "alive\n");
});

test("a sandbox needs a shell, a task does not", async (driver) => {
  await assert.rejects(startBox(driver, { image: SHELL_LESS }), { code: "NOT_SUPPORTED" });
  const ran = await runIn(driver, ["/bin/busybox", "echo", "hi"], { image: SHELL_LESS });
  assert.equal(ran.stdout, "hi\n");
});

test("a sandbox whose container goes is not open any more", async (driver) => {
  await using box = await startBox(driver, { id: "gone" });
  await server.docker(
    "rm",
    "--force",
    await server.docker("ps", "--quiet", "--filter", "label=pipedreamer.task=gone"),
  );
  await assert.rejects(box.exec(["true"]), DriverError);
  assert.equal(box.isOpen, false);
});

test("the end of a run takes what is its own", async (driver) => {
  const abort = new AbortController();
  const one = await driver.createVolume({ runId: "one", name: "workdir" });
  const two = await driver.createVolume({ runId: "two", name: "workdir" });
  const started = Promise.withResolvers<void>();
  const running = runIn(driver, ["sleep", "1000"], {
    runId: "one",
    mounts: [{ volume: one, path: "/workspace", readOnly: false }],
    io: { signal: abort.signal, onStart: () => started.resolve() },
  });
  const ended = assert.rejects(running, { name: "AbortError" });
  await started.promise;
  await startBox(driver, { runId: "one" });
  await driver.endRun("one");
  await ended;
  assert.deepEqual(await server.left(), [two.id, `${two.id}-files`].sort());
  await driver.removeVolume(two);
});

test("what a killed engine left is swept, what a living one has is not", async (driver) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", new URL("_docker_owner.ts", import.meta.url).href, server.address],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  assert.equal(await driver.sweep(), 0);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assert.equal((await server.left()).length, 4);
  // A volume, its helper, a task and a sandbox.
  assert.equal(await driver.sweep(), 4);
});

Deno.test("docker driver: without a daemon it says what to start", async () => {
  await using driver = await openDocker({ address: "docker:///no/such/docker.sock" });
  for (const use of [driver.ready(), runIn(driver, ["true"], { image: BUSYBOX })]) {
    await assert.rejects(use, { code: "DRIVER_UNAVAILABLE", fix: /systemctl start docker/ });
  }
  await assert.rejects(driver.startSandbox({ ...PLAIN, id: "box" }), {
    code: "DRIVER_UNAVAILABLE",
  });
});

/** The same numbers between 0 and 1 in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
