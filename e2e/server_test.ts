import assert from "node:assert/strict";
import {
  type EngineProcess,
  runEngine,
  untilHealth,
  withEngine,
  withFolder,
  withGate,
} from "./_engine_process.ts";
import { runs } from "./_processes.ts";

const THREE_NODES = {
  "workflow.yaml": `name: three-nodes
version: "1.0"
description: A chain
nodes:
  a: { path: ./nodes/add.ts }
  b: { path: ./nodes/add.ts, depends_on: [a] }
  c: { path: ./nodes/add.ts, depends_on: [b] }
`,
  "nodes/add.ts": "export default (_ctx: unknown, input: { n?: number }) => " +
    "({ n: (input?.n ?? 0) + 1 });\n",
};

/** One node that waits for a gate and then says which version of it ran. */
function waitingFlow(gateUrl: string, word = "old"): { [path: string]: string } {
  return {
    "workflow.yaml": `name: waiting
version: "1.0"
description: Waits for a gate
nodes:
  wait: { path: ./nodes/wait.ts, timeout: 60s }
`,
    "nodes/wait.ts": waitingNode(gateUrl, word),
  };
}

function waitingNode(gateUrl: string, word: string): string {
  return `import { word } from "./word.ts";
export default async function run(_ctx: unknown, input: { wait?: boolean }) {
  if (input.wait) await (await fetch("${gateUrl}")).text();
  return { word, node: "${word}" };
}
`;
}

function wordModule(word: string): string {
  return `export const word = "${word}";\n`;
}

interface Answer {
  readonly status: number;
  readonly result: {
    readonly status: string;
    readonly runId: string;
    readonly outputs: { readonly [node: string]: { readonly word?: string; readonly n?: number } };
    readonly error?: { readonly code: string };
  };
}

async function post(engine: EngineProcess, input: unknown = {}): Promise<Answer> {
  const response = await fetch(`${engine.url}/run`, {
    method: "POST",
    body: JSON.stringify(input),
  });
  return { status: response.status, result: await response.json() };
}

/** Sends a request byte by byte as written, which `fetch` would not, and reads the first line of the answer. */
async function raw(engine: EngineProcess, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: engine.port });
  await connection.write(new TextEncoder().encode(request.replaceAll("\n", "\r\n")));
  const bytes = new Uint8Array(4096);
  const size = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, size ?? 0)).split("\r\n")[0] ?? "";
}

Deno.test("the engine serves a workflow of three nodes and stops with exit code 0", () =>
  withFolder(THREE_NODES, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      const { status, result } = await post(engine, { n: 1 });
      assert.equal(status, 200);
      assert.deepEqual(result.outputs, { a: { n: 2 }, b: { n: 3 }, c: { n: 4 } });
      const { pids } = await untilHealth(engine, ({ pids }) => pids.length > 0);
      engine.kill("SIGINT");
      assert.equal((await engine.status).code, 0);
      for (const pid of pids) assert.equal(await runs(pid), false, "a host was left");
    })));

Deno.test("500 concurrent POST /run, then SIGTERM: every accepted run is answered, exit 0", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir], async (engine) => {
          const answers = Array.from({ length: 500 }, () => post(engine, { wait: true }));
          await untilHealth(engine, ({ activeRuns }) => activeRuns === 500);
          engine.kill("SIGTERM");
          await engine.logged(/stopping on SIGTERM/);
          const late = await post(engine);
          assert.equal(late.status, 503);
          assert.equal(late.result.error?.code, "DRAINING");
          const ready = await fetch(`${engine.url}/ready`);
          assert.equal(ready.status, 503);
          await ready.body?.cancel();
          gate.open();
          const statuses = (await Promise.all(answers)).map(({ status }) => status);
          assert.deepEqual(statuses, new Array(500).fill(200));
          assert.equal((await engine.status).code, 0);
        }),
    )
  ));

Deno.test("a SIGTERM while runs arrive cuts no answer short", () =>
  withFolder(THREE_NODES, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      let answered = 0;
      let signalled = false;
      const statuses = new Map<number, number>();
      await Promise.all(Array.from({ length: 50 }, async () => {
        for (let i = 0; i < 20; i++) {
          let answer: Answer;
          try {
            answer = await post(engine);
          } catch (error) {
            // Refused at the door, after the last run was over: nothing was accepted.
            assert.ok(signalled, String(error));
            assert.match(String((error as Error).cause ?? error), /refused|reset|closed/i);
            return;
          }
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (++answered === 200) {
            signalled = true;
            engine.kill("SIGTERM");
          }
        }
      }));
      assert.ok((statuses.get(200) ?? 0) >= 200);
      assert.deepEqual(
        [...statuses.keys()].filter((status) => status !== 200 && status !== 503),
        [],
      );
      assert.equal((await engine.status).code, 0);
    })));

Deno.test("runs that outlive the grace are answered as cancelled, exit 0", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir, "--grace", "0"], async (engine) => {
          const answer = post(engine, { wait: true });
          await untilHealth(engine, ({ activeRuns }) => activeRuns === 1);
          engine.kill("SIGTERM");
          const { status, result } = await answer;
          assert.deepEqual([status, result.status], [500, "cancelled"]);
          assert.equal((await engine.status).code, 0);
        }),
    )
  ));

Deno.test("a client that does not read its answer does not keep the engine from stopping", () =>
  withFolder({
    "workflow.yaml": THREE_NODES["workflow.yaml"],
    "nodes/add.ts": "export default (ctx: { log: { debug(text: string): void } }) => {\n" +
      '  for (let i = 0; i < 3000; i++) ctx.log.debug("x".repeat(1000));\n};\n',
  }, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      const { result } = await post(engine);
      using stalled = await Deno.connect({ hostname: "127.0.0.1", port: engine.port });
      const request =
        `GET /runs/${result.runId}/events HTTP/1.1\r\nHost: localhost:${engine.port}\r\n\r\n`;
      await stalled.write(new TextEncoder().encode(request));
      await stalled.read(new Uint8Array(16));
      engine.kill("SIGTERM");
      assert.equal((await engine.status).code, 0);
    })));

Deno.test("a second signal ends the engine at once with exit code 130", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir], async (engine) => {
          const answer = post(engine, { wait: true }).catch(() => undefined);
          await untilHealth(engine, ({ activeRuns }) => activeRuns === 1);
          engine.kill("SIGINT");
          await engine.logged(/stopping on SIGINT/);
          engine.kill("SIGINT");
          assert.equal((await engine.status).code, 130);
          await answer;
        }),
    )
  ));

Deno.test("200 runs in flight finish on the old code, and the next use the new", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir, "--watch"], async (engine) => {
          const inFlight = Array.from({ length: 200 }, () => post(engine, { wait: true }));
          await gate.arrived(200);
          // A module that the node imports changes too, which a reload by query string would miss.
          await Deno.writeTextFile(`${dir}/nodes/word.ts`, wordModule("new"));
          await Deno.writeTextFile(`${dir}/nodes/wait.ts`, waitingNode(gate.url, "new"));
          await engine.logged(/reloaded after a change of .*nodes\/word\.ts/);
          const next = await Promise.all(Array.from({ length: 20 }, () => post(engine)));
          for (const { result } of next) {
            assert.deepEqual(result.outputs, { wait: { word: "new", node: "new" } });
          }
          gate.open();
          for (const { status, result } of await Promise.all(inFlight)) {
            assert.equal(status, 200);
            assert.deepEqual(result.outputs, { wait: { word: "old", node: "old" } });
          }
        }),
    )
  ));

Deno.test("a broken edit keeps the old version running and says what is wrong", () =>
  withFolder(THREE_NODES, (dir) =>
    withEngine(["--workflow", dir, "--watch"], async (engine) => {
      const breakages: readonly [string, string, RegExp][] = [
        [
          "nodes/add.ts",
          "export default function (",
          /the old version goes on: NODE_INVALID .*add\.ts/s,
        ],
        [
          "workflow.yaml",
          "name: [oops\n",
          /the old version goes on: .*workflow\.yaml:\d+:\d+ YAML_SYNTAX/s,
        ],
        [
          "workflow.yaml",
          THREE_NODES["workflow.yaml"].replace("[b]", "[bb]"),
          /the old version goes on: .*DAG_UNKNOWN_NODE/s,
        ],
      ];
      for (const [file, text, complaint] of breakages) {
        await Deno.writeTextFile(`${dir}/${file}`, text);
        await engine.logged(complaint);
        const { status, result } = await post(engine, { n: 1 });
        assert.deepEqual([status, result.outputs["c"]?.n], [200, 4], file);
        await Deno.writeTextFile(`${dir}/${file}`, THREE_NODES[file as keyof typeof THREE_NODES]);
        await engine.logged(/reloaded after a change of/);
      }
    })));

Deno.test("a page of another origin cannot start a run, nor can a rebound name", () =>
  withFolder(THREE_NODES, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      const own = `Host: localhost:${engine.port}`;
      const foreign = [
        `POST /run HTTP/1.1\n${own}\nOrigin: https://evil.example\nContent-Type: text/plain\nContent-Length: 2\n\n{}`,
        `POST /run HTTP/1.1\n${own}\nOrigin: null\nContent-Length: 0\n\n`,
        `GET /run HTTP/1.1\n${own}\nSec-Fetch-Site: cross-site\n\n`,
        `GET /run HTTP/1.1\n${own}\nOrigin: http://localhost:1\n\n`,
        `GET /run HTTP/1.1\nHost: evil.example:${engine.port}\n\n`,
        `GET /run HTTP/1.1\nHost: evil.example:${engine.port}\nOrigin: http://evil.example:${engine.port}\nSec-Fetch-Site: same-origin\n\n`,
        `GET /runs HTTP/1.1\nHost: evil.example\n\n`,
      ];
      for (const request of foreign) {
        assert.match(await raw(engine, request), /^HTTP\/1\.1 403 /, request);
      }
      const { runs } = await (await fetch(`${engine.url}/runs`)).json();
      assert.deepEqual(runs, []);
      assert.match(await raw(engine, `GET /run HTTP/1.1\n${own}\n\n`), /^HTTP\/1\.1 200 /);
    })));

Deno.test("a stream of events continues where it was cut, without gap or repeat", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir], async (engine) => {
          const started = await fetch(`${engine.url}/run?wait=false`, {
            method: "POST",
            body: '{"wait":true}',
          });
          assert.equal(started.status, 202);
          const { runId } = await started.json();
          const events = `${engine.url}${started.headers.get("location")}/events`;
          const seen: number[] = [];
          const first = await fetch(events);
          assert.ok(first.body !== null);
          for await (const text of first.body.pipeThrough(new TextDecoderStream())) {
            seen.push(...[...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])));
            if (seen.length > 0) break;
          }
          const second = fetch(events, { headers: { "last-event-id": String(seen.at(-1)) } });
          gate.open();
          const rest = await (await second).text();
          seen.push(...[...rest.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])));
          assert.deepEqual(seen, seen.map((_, index) => index + 1));
          assert.match(rest, /"kind":"run\.succeeded"[^\n]*\n\n$/);
          const view = await (await fetch(`${engine.url}/runs/${runId}`)).json();
          assert.equal(view.status, "succeeded");
        }),
    )
  ));

Deno.test("a client that hangs up does not cancel its run", () =>
  withGate((gate) =>
    withFolder(
      { ...waitingFlow(gate.url), "nodes/word.ts": wordModule("old") },
      (dir) =>
        withEngine(["--workflow", dir], async (engine) => {
          const abort = new AbortController();
          const request = fetch(`${engine.url}/run`, {
            method: "POST",
            body: '{"wait":true}',
            signal: abort.signal,
          });
          await untilHealth(engine, ({ activeRuns }) => activeRuns === 1);
          abort.abort();
          await assert.rejects(request);
          gate.open();
          await untilHealth(engine, ({ activeRuns }) => activeRuns === 0);
          const { runs } = await (await fetch(`${engine.url}/runs`)).json();
          assert.deepEqual(runs.map((run: { status: string }) => run.status), ["succeeded"]);
        }),
    )
  ));

Deno.test("the engine says what is wrong with its flags, its address and its workflow", () =>
  withFolder(THREE_NODES, async (dir) => {
    const cases: readonly [string[], number, RegExp][] = [
      [["--prot", "1"], 2, /^USAGE .*--prot.*\n {2}Fix: .*--help/s],
      [["--port", "many"], 2, /^USAGE .*many/],
      [["--workflow", `${dir}/nowhere`], 1, /^WORKFLOW_NOT_FOUND .*nowhere.*\n {2}Fix: /s],
    ];
    for (const [args, code, stderr] of cases) {
      const failure = await runEngine(args);
      assert.equal(failure.code, code, failure.stderr);
      assert.match(failure.stderr, stderr);
    }
    await withEngine(["--workflow", dir], async (engine) => {
      const taken = await runEngine(["--workflow", dir, "--port", String(engine.port)]);
      assert.equal(taken.code, 1);
      assert.match(
        taken.stderr,
        new RegExp(`^ADDRESS_IN_USE .*${engine.port}.*\n {2}Fix: --port`, "s"),
      );
    });
    const help = await runEngine(["--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /--workflow DIR/);
  }));
