import assert from "node:assert/strict";
import { serve, type ServeProcess } from "./_serve_process.ts";
import { StreamReader } from "../engine/server/api/_stream_reader.ts";

const NODE = `export default async function run(ctx: any, input: any): Promise<any> {
  ctx.log.info("hello " + input.name);
  return { hello: input.name };
}
`;
const GREET = {
  "workflow.yaml":
    `name: greet\nversion: "1.0"\nnodes:\n  hi: { path: ./hi.ts }\nconfig: { retries: 0 }\n`,
  "hi.ts": NODE,
};

/** Waits on a fifo, so that the test decides when it goes on. */
const PIPELINES = `pipelines:
  build:
    tasks:
      wait:
        script:
          - printf 'begun\\n\\033[32mgreen\\033[0m\\n'
          - cat go
          - printf 'went on\\n'
`;

interface Api {
  readonly server: ServeProcess;
  send(path: string, init?: RequestInit): Promise<Response>;
  // deno-lint-ignore no-explicit-any
  ask(path: string, method?: string, body?: unknown): Promise<any>;
}

async function withFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-e2e-api-" }));
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function open(dir: string): Promise<Api & AsyncDisposable> {
  const server = await serve(dir, [], { XDG_DATA_HOME: `${dir}/.share` });
  const authorization = `Bearer ${await server.token("--sub", "ann")}`;
  const send: Api["send"] = (path, init = {}) =>
    fetch(`${server.url}/api/v1${path}`, {
      ...init,
      headers: { authorization, ...init.headers as Record<string, string> },
    });
  return {
    server,
    send,
    async ask(path, method = "GET", body) {
      const response = await send(path, {
        method,
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      });
      const text = await response.text();
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const SSE = { headers: { accept: "text/event-stream" } };

Deno.test("a log is read by its stream while it is written, and a viewer sees the run change", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/pipelines.yml`, PIPELINES);
    await new Deno.Command("mkfifo", { args: [`${dir}/go`] }).output();
    await using api = await open(dir);
    await using viewer = new StreamReader(await api.send("/events", SSE));
    const { runId } = await api.ask("/workflows/build/runs", "POST", {});
    await viewer.until(({ data }) => data.runId === runId && data.status === "running");
    await using log = new StreamReader(await api.send(`/runs/${runId}/nodes/wait/log`, SSE));
    assert.equal((await log.until(({ data }) => data.text === "begun\n")).data.stream, "stdout");
    await log.until(({ data }) => data.text === "\x1b[32mgreen\x1b[0m\n");
    assert.equal((await api.ask(`/runs/${runId}`)).nodes[0].status, "running");
    await Deno.writeTextFile(`${dir}/go`, "go\n");
    await log.until(({ data }) => data.text === "went on\n");
    await log.until(({ event }) => event === "end");
    await viewer.until(({ data }) => data.runId === runId && data.status === "succeeded");
    const { events } = await api.ask(`/runs/${runId}/events`);
    assert.equal(events.at(-1).kind, "run.succeeded");
    const over = await api.send(`/runs/${runId}/events`, {
      headers: { ...SSE.headers, "last-event-id": String(events.length) },
    });
    assert.equal(over.status, 204);
  });
});

Deno.test("a workflow that was registered runs, and its schedule survives a restart", async () => {
  await withFolder(async (dir) => {
    {
      await using api = await open(dir);
      const stored = await api.ask("/workflows", "POST", { files: GREET });
      assert.deepEqual([stored.name, stored.version, stored.problems], ["greet", 1, []]);
      const run = await api.ask("/workflows/greet/runs?wait=true", "POST", {
        input: { name: "bob" },
      });
      assert.deepEqual(run.outputs, { hi: { hello: "bob" } });
      const made = await api.ask("/schedules", "POST", {
        name: "each-second",
        workflow: "greet",
        schedule: "* * * * * *",
        input: { name: "clock" },
        isPaused: true,
      });
      assert.equal(made.isAtWork, false);
      assert.equal(await api.server.end("SIGINT"), 0);
    }
    await using api = await open(dir);
    const kept = await api.ask("/schedules/each-second");
    assert.deepEqual([kept.isPaused, kept.createdBy, kept.revision], [true, "ann", 1]);
    await using viewer = new StreamReader(await api.send("/events", SSE));
    await api.ask("/schedules/each-second", "PATCH", { isPaused: false });
    const { data } = await viewer.until(({ data }) => data.status === "succeeded");
    assert.equal(data.trigger.name, "schedule:each-second");
    assert.deepEqual((await api.ask(`/runs/${data.runId}`)).outputs, { hi: { hello: "clock" } });
    await api.ask("/schedules/each-second", "DELETE");
    const { runs } = await api.ask("/runs?workflow=greet");
    assert.deepEqual(runs.at(-1).trigger, { type: "api", user: "ann" });
  });
});
