/** Stored pipelines as commands: real processes, on `native` and on a Docker daemon of the suite's own. */
import assert from "node:assert/strict";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";
import { PipelinePlace } from "./_pipeline_place.ts";
import { runs } from "./_processes.ts";

const found = await DockerServer.find();
let server: DockerServer | undefined;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await DockerServer.start();
});
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** A step that runs a shell script with the pipeline's arguments. */
function shell(script: string, more = ""): string {
  return `export async function pipeline() {
  await runtime.run({
    name: "step",
    image: ${JSON.stringify(BUSYBOX)},
    command: { path: "sh", args: ["-c", ${JSON.stringify(script)}, "sh", ...pipelineContext.args] },
    ${more}
  });
}
`;
}

const DRIVERS = ["native", "docker"] as const;

/** A test on each driver, which must leave nothing behind. */
function onEach(
  name: string,
  fn: (place: PipelinePlace, driver: string, kind: typeof DRIVERS[number]) => Promise<void>,
): void {
  for (const kind of DRIVERS) {
    Deno.test({
      name: `${name}, on ${kind}`,
      ignore: kind === "docker" && found.status === "missing",
      async fn() {
        await using place = await PipelinePlace.open();
        await fn(place, kind === "docker" ? server?.address ?? "" : kind, kind);
        if (kind === "docker") assert.deepEqual(await server?.left(), []);
      },
    });
  }
}

const VERBATIM: readonly {
  readonly name: string;
  readonly words: readonly string[];
  readonly want?: readonly string[];
}[] = [
  { name: "three words", words: ["hello", "--vus=10", "x"] },
  { name: "none", words: [] },
  { name: "a flag first", words: ["--vus=10", "hello"] },
  { name: "a short flag first", words: ["-n", "hello"] },
  { name: "an empty string", words: ["a", "", "b"] },
  { name: "an empty string first", words: ["", "a"] },
  { name: "-- after the first word", words: ["a", "--", "b", "--"] },
  { name: "-- first, which is dropped once", words: ["--", "--", "a"], want: ["--", "a"] },
  { name: "flags of pd behind --", words: ["--", "--driver", "x"], want: ["--driver", "x"] },
  { name: "--help after the first word", words: ["run", "--help", "-h", "--version"] },
  { name: "--help first", words: ["--help"] },
  { name: "global flags of pd", words: ["-o", "json", "-q", "-v", "--no-color", "-n", "x"] },
  { name: "flags of pd run", words: ["run", "--driver", "x", "--timeout", "1s", "-e", "K=V"] },
  {
    name: "quotes and signs of a shell",
    words: [`it's`, `"so"`, "$HOME", "`id`", "a b", "*", "\\", ";"],
  },
  { name: "newlines and tabs", words: ["a\nb\n", "\tc"] },
  { name: "unicode", words: ["žluťoučký", "日本語", "👩‍👩‍👧", "e\u0301"] },
  {
    name: "pd's own flags first, which are not the program's",
    words: ["--no-workdir", "--timeout=1m", "a", "--no-workdir"],
    want: ["a", "--no-workdir"],
  },
];

onEach("arguments arrive as they were typed", async (place, driver) => {
  await place.store("show", {
    driver,
    code: shell(`for a in "$@"; do printf '<%s>' "$a"; done`),
  });
  for (const { name, words, want = words } of VERBATIM) {
    const { code, stdout, stderr } = await place.pd(["run", "show", ...words]);
    assert.equal(stdout, want.map((word) => `<${word}>`).join(""), name);
    assert.equal(stderr, "", name);
    assert.equal(code, 0, name);
  }
});

const ENDS: readonly {
  readonly name: string;
  readonly body: string;
  readonly want: number;
  readonly says: RegExp;
}[] = [
  { name: "a step that exits 7", body: `await sh("exit 7")`, want: 7, says: /^$/ },
  { name: "a step that a signal ended", body: `await sh("kill -9 $$")`, want: 137, says: /^$/ },
  {
    name: "the last step, which is fine",
    body: `await sh("exit 7"); await sh("exit 0")`,
    want: 0,
    says: /^$/,
  },
  { name: "a step's result that is thrown", body: `throw await sh("exit 9")`, want: 9, says: /^$/ },
  {
    name: "an error that is thrown",
    body: `await sh("exit 7"); throw new Error("no such luck")`,
    want: 1,
    says: /^error NODE_FAILED no such luck\n/,
  },
  { name: "runtime.exit(3)", body: `await sh("exit 7"); runtime.exit(3)`, want: 3, says: /^$/ },
  { name: "runtime.exit(0)", body: `await sh("exit 7"); runtime.exit(0)`, want: 0, says: /^$/ },
];

onEach("the exit code is the program's", async (place, driver) => {
  for (const { name, body, want, says } of ENDS) {
    await place.store("end", {
      driver,
      code: `function sh(script: string) {
  return runtime.run({
    name: "sh",
    image: ${JSON.stringify(BUSYBOX)},
    command: { path: "sh", args: ["-c", script] },
  });
}
export async function pipeline() { ${body}; }
`,
    });
    const { code, stderr, stdout } = await place.pd(["run", "end"]);
    assert.match(stderr, says, name);
    assert.equal(stdout, "", name);
    assert.equal(code, want, name);
  }
});

onEach("streams stay apart and live, in a pipe too", async (place, driver) => {
  await place.store("live", {
    driver,
    code: shell("echo a; echo on the side >&2; sleep 2; echo b"),
  });
  const started = place.start(["run", "live"]);
  await using pd = started;
  await pd.until(/^a\n/);
  const seenAt = performance.now();
  await pd.until(/^a\nb\n/);
  assert.ok(performance.now() - seenAt >= 1000, "a was seen a second before b");
  assert.equal(await pd.code(), 0);
  assert.equal(pd.stdout, "a\nb\n");
  assert.equal(pd.stderr, "on the side\n");
});

onEach("-o json prints one document, and both streams beside it", async (place, driver) => {
  await place.store("both", { driver, code: shell("echo out; echo err >&2; exit 4") });
  const { code, stdout, stderr } = await place.pd(["run", "-o", "json", "both", "-o", "text"]);
  const result = JSON.parse(stdout);
  assert.equal(code, 4);
  assert.equal(result.exitCode, 4);
  assert.equal(result.status, "failed");
  assert.deepEqual(stderr.split("\n").toSorted(), ["", "err", "out"]);
});

onEach("the current folder is the workspace", async (place, driver, kind) => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await Deno.writeFile(`${place.cwd}/data.bin`, bytes);
  await place.write(".gitignore", "ignored/\n*.log\n");
  await place.write("ignored/x", "x");
  await place.write("a.log", "x");
  await place.write(".git/config", "x");
  await place.write(".env", "x");
  await place.write("bin/tool", "#!/bin/sh\n");
  await Deno.chmod(`${place.cwd}/bin/tool`, 0o755);
  await Deno.symlink("../data.bin", `${place.cwd}/bin/link`);
  await place.store("look", {
    driver,
    code: shell(
      `${
        kind === "docker" ? "cd /workspace; " : ""
      }sha256sum data.bin; find . ! -type d | sort; readlink bin/link; stat -c %a bin/tool`,
    ),
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const { stdout, stderr } = await place.pd(["run", "look"]);
  assert.equal(
    stdout,
    `${digest}  data.bin\n./.gitignore\n./bin/link\n./bin/tool\n./data.bin\n../data.bin\n755\n`,
    stderr,
  );
  const included = await place.pd(["run", "look", "--include", ".env", "--ignore=bin"]);
  assert.match(included.stdout, /\n\.\/\.env\n\.\/\.gitignore\n\.\/data\.bin\n/);
  const empty = await place.pd(["run", "look", "--no-workdir"]);
  assert.doesNotMatch(empty.stdout, /data\.bin$/m);
});

onEach("the volume output comes back", async (place, driver) => {
  const more = kindOfMount(driver);
  await place.store("make", {
    driver,
    code: `export async function pipeline() {
  const output = await runtime.createVolume("output");
  await runtime.run({
    name: "make",
    image: ${JSON.stringify(BUSYBOX)},
    mounts: { "/out": output },
    command: { path: "sh", args: ["-c", ${JSON.stringify(`echo made > ${more}/report.txt`)}] },
  });
}
`,
  });
  const { code, stderr } = await place.pd(["run", "make", "--output-dir", "results"]);
  assert.equal(code, 0, stderr);
  assert.equal(await Deno.readTextFile(`${place.cwd}/results/report.txt`), "made\n");
});

/** Where a volume is: on the host its folder is named by a variable. */
function kindOfMount(driver: string): string {
  return driver === "native" ? '"$PD_MOUNT_OUTPUT"' : "/out";
}

const SECRET = "s3cr3t-7d1f0b-value";

onEach("a secret is shown nowhere: live, in the result, in what is kept", async (place, driver) => {
  await place.store("leak", {
    driver,
    code: shell(
      `echo "plain $TOKEN"; printf %s "\${TOKEN%??????????}"; sleep 0.2; echo "\${TOKEN#?????????}"; printf %s "$TOKEN" | base64; echo "$TOKEN" >&2`,
      `env: { TOKEN: "secret:TOKEN" },`,
    ),
  });
  for (
    const flags of [["-e", `TOKEN=${SECRET}`], ["--secret=TOKEN"], ["--global-secret", "TOKEN"]]
  ) {
    const { code, stdout, stderr } = await place.pd(["run", "-o", "json", "leak", ...flags], {
      TOKEN: SECRET,
    });
    assert.equal(code, 0, stderr);
    const all = `${stdout}\n${stderr}`;
    assert.match(stderr, /plain \*\*\*/);
    for (const form of [SECRET, SECRET.slice(0, 9), SECRET.slice(9), btoa(SECRET)]) {
      assert.ok(!all.includes(form), `${form} is in ${all}`);
    }
  }
  const kept = await place.kept();
  assert.ok(kept.includes("leak"));
  for (const form of [SECRET, btoa(SECRET)]) assert.ok(!kept.includes(form), "it is kept");
});

onEach("a missing secret is named before anything starts", async (place, driver) => {
  await place.store("needs", {
    driver,
    code: shell("echo started", `env: { TOKEN: "secret:API_TOKEN" },`),
  });
  const { code, stdout, stderr } = await place.pd(["run", "needs"]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^error SECRET_MISSING .*"API_TOKEN"/);
});

Deno.test("secrets of a pipeline go before global ones, and flags before the kept ones", async () => {
  await using place = await PipelinePlace.open();
  await place.store("who", {
    driver: "native",
    code: shell(`printf %s "$TOKEN" | wc -c`, `env: { TOKEN: "secret:TOKEN" },`),
  });
  const env = { PD_SECRETS: "local://./kept.pd", PD_SECRETS_KEY: "a long and random key" };
  async function length(...flags: string[]): Promise<string> {
    const { stdout, stderr } = await place.pd(["run", "who", ...flags], env);
    assert.equal(stderr, "");
    return stdout.trim();
  }
  await place.write("four", "1234\n");
  assert.equal((await place.pd(["secret", "set", "TOKEN=@four"], env)).code, 0);
  assert.equal(await length(), "4");
  assert.equal(await length("--global-secret", "TOKEN=12345"), "5");
  await place.write("six", "123456");
  await place.pd(["secret", "set", "TOKEN=@six", "--pipeline", "who"], env);
  assert.equal(await length("--global-secret", "TOKEN=12345"), "6");
  assert.equal(await length("-e", "TOKEN=1234567"), "7");
  const { stdout } = await place.pd(["secret", "list"], env);
  assert.equal(stdout, "KEY    FOR\nTOKEN  all pipelines\nTOKEN  who\n");
  const wrong = await place.pd(["run", "who"], { ...env, PD_SECRETS_KEY: "another" });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^error SECRETS_KEY_WRONG /);
});

/** What tells the processes of a step from all others. */
function newMark(): string {
  return `7${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

/** Pids of processes with that word in their command line. */
async function withMark(mark: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (command.split("\0").includes(mark) && await runs(Number(name))) pids.push(Number(name));
  }
  return pids;
}

const SLEEP = `echo up; exec sleep "$1"`;

onEach("a timeout ends a run and leaves nothing", async (place, driver) => {
  await place.store("wait", { driver, code: shell(SLEEP) });
  const mark = newMark();
  const { code, stderr } = await place.pd(["run", "wait", "--timeout", "2s", mark]);
  assert.equal(code, 1);
  assert.match(stderr, /^error RUN_TIMEOUT /);
  assert.deepEqual(await withMark(mark), []);
});

onEach("Ctrl-C ends a run and leaves nothing", async (place, driver) => {
  await place.store("wait", { driver, code: shell(SLEEP) });
  const mark = newMark();
  await using pd = place.start(["run", "wait", mark]);
  await pd.until(/^up\n/);
  pd.signal("SIGINT");
  assert.equal(await pd.code(), 130);
  assert.match(pd.stderr, /^error RUN_CANCELLED /);
  assert.deepEqual(await withMark(mark), []);
});

onEach("what pd leaves when it is killed is gone with the next start", async (place, driver) => {
  await place.store("wait", { driver, code: shell(SLEEP) });
  await place.store("quick", { driver, code: shell("true") });
  const mark = newMark();
  {
    await using pd = place.start(["run", "wait", mark]);
    await pd.until(/^up\n/);
    pd.signal("SIGKILL");
    await pd.code();
  }
  assert.equal((await place.pd(["run", "quick"])).code, 0);
  assert.deepEqual(await withMark(mark), []);
});

onEach(
  "a run that was killed goes on, and what was done is not done again",
  async (place, driver) => {
    await place.store("twice", {
      driver,
      code: `function sh(name: string, script: string) {
  return runtime.run({
    name,
    image: ${JSON.stringify(BUSYBOX)},
    command: { path: "sh", args: ["-c", script] },
  });
}
export async function pipeline() {
  await sh("same", "echo first");
  await sh("same", "echo second");
  const { stdout } = await sh("last", "echo up; sleep 1; echo done");
  console.log(stdout.length);
}
`,
    });
    {
      await using pd = place.start(["run", "twice"]);
      await pd.until(/first\nsecond\nup\n/);
      pd.signal("SIGKILL");
      await pd.code();
    }
    const { code, stdout, stderr } = await place.pd(["runs", "resume", "latest"]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "up\ndone\n");
    const shown = await place.pd(["runs", "show", "latest", "-o", "json"]);
    const { tasks } = JSON.parse(shown.stdout).nodes.pipeline;
    assert.deepEqual(
      tasks.map(({ name, code }: { name: string; code: number }) => ({ name, code })),
      [{ name: "same", code: 0 }, { name: "same", code: 0 }, { name: "last", code: 0 }],
    );
  },
);

Deno.test("a pipeline is stored, shown, rolled back and removed by its name", async () => {
  await using place = await PipelinePlace.open({
    "Load Test.ts": `import { word } from "./word.ts";\n${shell("echo one", "env: { word },")}`,
    "word.ts": `export const word = "imported";\n`,
  });
  const first = JSON.parse(
    (await place.pd(["set-pipeline", "Load Test.ts", "--driver", "native", "-o", "json"])).stdout,
  );
  assert.equal(first.name, "load-test");
  assert.equal(first.version, 1);
  assert.equal(first.unchanged, false);
  const again = await place.pd(["set-pipeline", "Load Test.ts", "--driver", "native"]);
  assert.match(again.stdout, /^load-test version 1 \(unchanged\)\n/);
  await place.write("Load Test.ts", shell("echo two"));
  const second = await place.pd([
    ...["set-pipeline", "Load Test.ts", "--driver", "native", "-o", "json"],
  ]);
  assert.equal(JSON.parse(second.stdout).id, first.id);
  assert.equal(JSON.parse(second.stdout).version, 2);
  assert.equal((await place.pd(["run", "load-test"])).stdout, "two\n");
  assert.equal((await place.pd(["pipelines", "rollback", "load-test"])).code, 0);
  assert.equal((await place.pd(["run", "load-test"])).stdout, "one\n");
  const { versions } = JSON.parse(
    (await place.pd(["pipelines", "history", "load-test", "-o", "json"])).stdout,
  );
  assert.deepEqual(versions.map(({ version }: { version: number }) => version), [3, 2, 1]);
  assert.match((await place.pd(["pipelines", "show", "load-test", "--code"])).stdout, /imported/);
  assert.match((await place.pd(["pipelines"])).stdout, /^load-test +pipeline +3 +native /m);
  const unasked = await place.pd(["pipelines", "rm", "load-test"]);
  assert.equal(unasked.code, 2);
  assert.equal((await place.pd(["pipelines", "rm", "load-test", "--yes"])).code, 0);
  const gone = await place.pd(["run", "load-test"]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /^error TARGET_NOT_FOUND /);
});

Deno.test("pd run finds pipelines in .pd/pipelines of the folders above, and stored ones first", async () => {
  await using place = await PipelinePlace.open({
    ".pd/pipelines/hello.ts": shell("echo local"),
    "deep/down/x": "",
  });
  const env = { PD_DRIVER: "native" };
  assert.equal((await place.pd(["run", "hello"], env)).stdout, "local\n");
  assert.equal((await place.pd(["run", "hello"], env, "deep/down")).stdout, "local\n");
  await place.store("hello", { driver: "native", code: shell("echo stored") });
  assert.equal((await place.pd(["run", "hello"], env)).stdout, "stored\n");
  const missing = await place.pd(["run", "hallo"], env);
  assert.match(missing.stderr, /did you mean "hello"\?; looked at /);
  assert.match(missing.stderr, /\nfix: pd run hello\n$/);
});

Deno.test("a function of pd alias hands on every word, in bash", async () => {
  await using place = await PipelinePlace.open();
  await place.store("say", {
    driver: "native",
    code: shell(`for a in "$@"; do printf '<%s>' "$a"; done`),
  });
  const { stdout, code } = await place.pd(["alias", "say", "--shell", "bash"]);
  assert.equal(code, 0);
  const script =
    `${stdout}\ncommand() { shift; "$PD_UNDER_TEST" "$@"; }\ndeclare -f say >/dev/null && say --driver 'a b' -- ""`;
  const output = await new Deno.Command("bash", {
    args: ["-c", script],
    env: { PD_UNDER_TEST: "echo" },
    stdout: "piped",
  }).output();
  assert.equal(new TextDecoder().decode(output.stdout), "run say -- --driver a b -- \n");
});
