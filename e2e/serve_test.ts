import assert from "node:assert/strict";
import { type Gate, withFolder, withGate } from "./_engine_process.ts";
import { pd } from "./_pd_process.ts";
import { untilGone } from "./_processes.ts";
import { startCollector } from "./_otlp_collector.ts";
import { serve, ServeProcess } from "./_serve_process.ts";

const LIMIT_MS = 20_000;

const HOOKED = `name: hooked
version: "1.0"
triggers:
  - { type: webhook, path: /go }
nodes:
  wait: { path: ./nodes/wait.ts, timeout: 5m, on_lost: retry, permissions: { net: [127.0.0.1] } }
`;
/** Fetches the address of its input, and ends with what comes back. */
const WAIT = `export default async (_ctx: unknown, input: { url?: string }) =>
  input.url === undefined ? "no wait" : await (await fetch(input.url)).text();
`;
const PIPELINES = `pipelines:
  hello:
    tasks:
      greet: { script: ["echo hello"] }
`;

const FILES = {
  "hooked/workflow.yaml": HOOKED,
  "hooked/nodes/wait.ts": WAIT,
  "pipelines.yml": PIPELINES,
};

/** Starts a run of the workflow with the webhook. */
function start(server: ServeProcess, input: unknown = {}): Promise<number> {
  return server.status("/hooks/hooked/go", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
}

function withGatedFolder(test: (dir: string, gate: Gate) => Promise<void>): Promise<void> {
  return withFolder(FILES, (dir) => withGate((gate) => test(dir, gate)));
}

Deno.test("pd serve makes its secret for its owner alone, and answers to tokens of it", () =>
  withFolder(FILES, async (dir) => {
    await using server = await serve(dir);
    await server.process.until(/2 workflows: hello, hooked/);
    const { mode } = await Deno.stat(`${dir}/.pd/config.yaml`);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.equal(await Deno.readTextFile(`${dir}/.pd/.gitignore`), "*\n");
    assert.equal(await server.status("/health"), 200);
    assert.equal(await server.status("/ready"), 200);
    const proxied = { "x-forwarded-for": "10.0.0.1" };
    assert.equal(await server.status("/metrics", { headers: proxied }), 401);
    const bearer = { authorization: `Bearer ${await server.token("--scope", "read")}` };
    assert.equal(await server.status("/metrics", { headers: { ...proxied, ...bearer } }), 200);
    const other = { authorization: `Bearer ${"a".repeat(20)}` };
    assert.equal(await server.status("/metrics", { headers: { ...proxied, ...other } }), 401);
    assert.equal(server.process.stderr.includes("token="), false, "no token off a terminal");
    assert.equal(await server.end("SIGINT"), 0);
  }));

Deno.test("a token without its scope is shown by pd token show, and so is why another does not count", () =>
  withFolder({}, async (cwd) => {
    const place = { cwd, env: {} };
    const made = await pd(
      ["token", "create", "--sub", "ann", "--workflow", "deploy-*", "-o", "json"],
      place,
    );
    const { token, scope } = JSON.parse(made.stdout);
    assert.equal(scope, "run");
    const shown = await pd(["token", "show", token], place);
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /^it counts: run, for deploy-\*$/m);
    const forged = await pd(["token", "show", `${token}x`, "-o", "json"], place);
    assert.equal(forged.code, 1);
    assert.equal(JSON.parse(forged.stdout).problem, "token is unauthorized");
    const wide = await pd(["token", "create", "--workflow", "a", "--scope", "admin"], place);
    assert.equal(wide.code, 2);
  }));

Deno.test("a second server on one data folder is refused, and takes it over after a crash", () =>
  withFolder(FILES, async (dir) => {
    await using first = await serve(dir);
    const second = await pd(["serve", "--address", "127.0.0.1:0"], { cwd: dir, env: {} });
    assert.equal(second.code, 1);
    assert.match(second.stderr, /DATA_IN_USE/);
    assert.ok(second.stderr.includes(`process ${first.process.pid} at ${first.url}`));
    await first.end("SIGKILL");
    await untilGone([first.process.pid], LIMIT_MS);
    await using third = await serve(dir);
    assert.equal(await third.end("SIGTERM"), 0);
  }));

Deno.test("of many servers that start at once on one data folder, one does", () =>
  withFolder(FILES, async (dir) => {
    const all = Array.from({ length: 4 }, () => new ServeProcess(dir, [], {}));
    try {
      const outcomes = await Promise.all(
        all.map((server) => server.started().then(() => "started", () => "refused")),
      );
      assert.deepEqual(outcomes.toSorted(), ["refused", "refused", "refused", "started"]);
    } finally {
      for (const server of all) await server[Symbol.asyncDispose]();
    }
  }));

Deno.test("SIGINT refuses new runs, lets the one that runs end, and answers reads meanwhile", () =>
  withGatedFolder(async (dir, gate) => {
    await using server = await serve(dir);
    assert.equal(await start(server, { url: gate.url }), 202);
    await gate.arrived(1);
    server.process.signal("SIGINT");
    await server.process.until(/stopping: 1 run goes on for at most/);
    assert.equal(await start(server), 503);
    assert.equal(await server.status("/ready"), 503);
    assert.equal(await server.status("/health"), 200);
    await server.until(/pipedreamer_runs_in_flight\{workflow="hooked"\} 1/);
    gate.open();
    assert.equal(await server.process.code(), 0);
    const { stdout } = await pd(
      ["runs", "--storage", `sqlite://${dir}/.pd/runs.db`, "-o", "json"],
      {
        cwd: dir,
        env: {},
      },
    );
    assert.match(stdout, /"succeeded"/);
  }));

Deno.test("a second SIGINT ends what runs, and the next start goes on with it", () =>
  withGatedFolder(async (dir, gate) => {
    {
      await using server = await serve(dir);
      assert.equal(await start(server, { url: gate.url }), 202);
      await gate.arrived(1);
      server.process.signal("SIGINT");
      await server.process.until(/stopping: 1 run/);
      const since = performance.now();
      assert.equal(await server.end("SIGINT"), 0);
      assert.ok(performance.now() - since < 5_000);
    }
    gate.open();
    await using next = await serve(dir);
    await next.until(
      /pipedreamer_runs_total\{workflow="hooked",trigger="webhook",status="succeeded"\} 1/,
    );
    assert.equal(await next.end("SIGINT"), 0);
  }));

Deno.test("SIGTERM does not wait for runs", () =>
  withGatedFolder(async (dir, gate) => {
    await using server = await serve(dir);
    assert.equal(await start(server, { url: gate.url }), 202);
    await gate.arrived(1);
    const since = performance.now();
    assert.equal(await server.end("SIGTERM"), 0);
    assert.ok(performance.now() - since < 5_000);
  }));

Deno.test("--shutdown-timeout ends the wait", () =>
  withGatedFolder(async (dir, gate) => {
    await using server = await serve(dir, ["--shutdown-timeout", "200ms"]);
    assert.equal(await start(server, { url: gate.url }), 202);
    await gate.arrived(1);
    assert.equal(await server.end("SIGINT"), 0);
  }));

Deno.test("SIGUSR1 loads what is new, and a mistake leaves what was there", () =>
  withFolder(FILES, async (dir) => {
    await using server = await serve(dir, ["--no-watch"]);
    await Deno.writeTextFile(`${dir}/pipelines.yml`, PIPELINES.replace("hello", "hello2"));
    await Deno.mkdir(`${dir}/also`);
    await Deno.writeTextFile(
      `${dir}/also/pipelines.yml`,
      PIPELINES.replace("hello", "another"),
    );
    server.process.signal("SIGUSR1");
    await server.process.until(/looked again: 3 workflows/);
    await Deno.writeTextFile(`${dir}/also/pipelines.yml`, "pipelines: [");
    server.process.signal("SIGUSR1");
    await server.process.until(/looked again: 3 workflows[\s\S]*looked again: 3 workflows/);
    assert.equal(await server.end("SIGINT"), 0);
  }));

Deno.test("a mistake in a pipelines.yml stops the start, and says where", () =>
  withFolder(
    { "pipelines.yml": PIPELINES.replace("script", "skript: 1, depends_on: [x], script") },
    async (cwd) => {
      const { code, stderr } = await pd(["serve", "--address", "127.0.0.1:0"], { cwd, env: {} });
      assert.equal(code, 1);
      assert.match(stderr, /pipelines\.yml:\d+:\d+ .*missing task "x"/);
    },
  ));

Deno.test("without any workflow pd serve starts, and says how to make one", () =>
  withFolder({}, async (dir) => {
    await using server = await serve(dir);
    await server.process.until(/no workflow below \., and none stored/);
    assert.match(server.process.stderr, /pd init/);
    assert.equal(await server.status("/health"), 200);
  }));

Deno.test("variables of prunner are taken, those of .env files too", () =>
  withFolder({ ".env": "PRUNNER_JWT_SECRET=a secret of enough text\n" }, async (dir) => {
    await using server = await serve(dir, [], {
      PRUNNER_DATA: "elsewhere",
      PRUNNER_WATCH: "false",
    });
    assert.equal((await Deno.stat(`${dir}/elsewhere/runs.db`)).isFile, true);
    await assert.rejects(Deno.stat(`${dir}/.pd`), Deno.errors.NotFound);
    const token = await server.token("--jwt-secret", "a secret of enough text");
    const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": "10.0.0.1" };
    assert.equal(await server.status("/metrics", { headers }), 200);
  }));

Deno.test("jobs that prunner has left are taken over at the start, once, and damage stops nothing", () =>
  withFolder({
    ".prunner/data.json": JSON.stringify({
      Jobs: [{
        ID: "52a5cb5f-4f2a-4e3f-a8a3-6ad6f3a2c0de",
        Pipeline: "hello",
        Completed: true,
        Created: "2024-05-01T10:00:00Z",
        Start: "2024-05-01T10:00:00Z",
        End: "2024-05-01T10:00:01Z",
        Tasks: [{ Name: "greet", Script: ["echo hello"], Status: "done" }],
      }],
    }),
    ".pd/data.json": "{nonsense",
    "pipelines.yml": PIPELINES,
  }, async (dir) => {
    for (const isFirst of [true, false]) {
      await using server = await serve(dir);
      await server.process.until(/FILE_REFUSED/);
      if (isFirst) await server.process.until(/1 of prunner's jobs taken over/);
      assert.equal(await server.end("SIGINT"), 0);
      assert.equal(server.process.stderr.includes("taken over"), isFirst);
    }
  }));

Deno.test("what cannot be served is refused with a fix", () =>
  withFolder({}, async (cwd) => {
    for (
      const [args, wanted] of [
        [["--jwt-secret", "short"], /at least 16 characters: it has 5/],
        [["--address", "here"], /--address "here" as it is a host and a port/],
        [["--path", "nowhere", "--address", "127.0.0.1:0"], /WORKFLOW_NOT_FOUND/],
        [["--shutdown-timeout", "soon"], /--shutdown-timeout "soon" as it is a duration/],
      ] as const
    ) {
      const { code, stderr } = await pd(["serve", ...args], { cwd, env: {} });
      assert.notEqual(code, 0, args.join(" "));
      assert.match(stderr, wanted);
      assert.match(stderr, /^fix: /m);
    }
  }));

Deno.test("pd serve --otel sends the spans of its runs", async () => {
  await using collector = startCollector();
  await withFolder(FILES, async (dir) => {
    await using server = await serve(dir, ["--otel"], collector.env);
    const bearer = { authorization: `Bearer ${await server.token("--scope", "run")}` };
    const body = JSON.stringify({ pipeline: "hello" });
    const init = { method: "POST", headers: bearer, body };
    assert.equal(await server.status("/pipelines/schedule", init), 202);
    await server.until(/pipedreamer_runs_total\{workflow="hello",\S*status="succeeded"\} 1/);
    assert.equal(await server.end("SIGINT"), 0);
    const names = collector.spans.map(({ name }) => name).toSorted();
    assert.deepEqual(names, ["attempt 1", "node greet", "run hello"]);
  });
});

Deno.test("pd serve and pd run NAME see each other's runs of a stored workflow", () =>
  withFolder({ ...FILES, "empty/readme": "" }, async (dir) => {
    const storage = `sqlite://${dir}/.pd/runs.db`;
    const place = { cwd: dir, env: { PD_DATA_DIR: `${dir}/data`, PD_STORAGE: storage } };
    await Deno.mkdir(`${dir}/.pd`);
    assert.equal((await pd(["set-pipeline", "hooked"], place)).code, 0);
    const ran = await pd(["run", "hooked"], { ...place, cwd: `${dir}/empty` });
    assert.equal(ran.code, 0, ran.stderr);
    await using server = await serve(dir, ["--path", "empty"], place.env);
    const headers = { authorization: `Bearer ${await server.token("--scope", "read")}` };
    const { jobs } = await (await fetch(`${server.url}/pipelines/jobs`, { headers })).json();
    assert.deepEqual(jobs.map(({ pipeline }: { pipeline: string }) => pipeline), ["hooked"]);
  }));

Deno.test("where the address is taken pd serve touches nothing, and names another one", () =>
  withFolder(FILES, async (dir) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const args = ["serve", "--address", `127.0.0.1:${port}`];
    const { code, stderr } = await pd(args, { cwd: dir, env: {} });
    assert.equal(code, 1);
    assert.match(stderr, /ADDRESS_IN_USE/);
    assert.match(stderr, new RegExp(`fix: pd serve --address 127.0.0.1:${port + 1}\n`));
    await assert.rejects(Deno.stat(`${dir}/.pd/runs.db`), Deno.errors.NotFound);
  }));
