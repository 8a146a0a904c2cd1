import assert from "node:assert/strict";
import { type EngineProcess, withEngine, withFolder, withGate } from "./_engine_process.ts";

const SECRET = "canary-e2e-8f742231b10e";

const HOOKED = {
  "workflow.yaml": `name: hooked
version: "1.0"
description: Started by webhooks
triggers:
  - { type: webhook, path: /github, verify: github, secret: github.webhook_secret, events: [push] }
  - { type: webhook, path: /slack, verify: slack, secret: slack.signing_secret }
nodes:
  echo: { path: ./nodes/echo.ts }
`,
  "nodes/echo.ts":
    "export default (ctx: { run: { trigger: unknown } }, input: unknown) => ({ input, trigger: ctx.run.trigger });\n",
  ".secrets/github.json": JSON.stringify({ webhook_secret: SECRET }),
  ".secrets/slack.json": JSON.stringify({ signing_secret: SECRET }),
};

/** HMAC-SHA256 in hex, by OpenSSL: nothing of the engine checks itself. */
async function opensslHmac(text: string): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: ["dgst", "-sha256", "-hmac", SECRET],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout } = await child.output();
  return /([0-9a-f]{64})\s*$/.exec(new TextDecoder().decode(stdout))?.[1] ?? assert.fail("openssl");
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly runId: string;
    readonly repeated?: true;
    readonly error?: { code: string };
  };
}

async function deliver(
  { url }: EngineProcess,
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${url}/hooks${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: await response.json() };
}

async function push(engine: EngineProcess, body: string, delivery: string): Promise<Answer> {
  return await deliver(engine, "/github", body, {
    "x-github-event": "push",
    "x-github-delivery": delivery,
    "x-hub-signature-256": `sha256=${await opensslHmac(body)}`,
  });
}

/** Follows a run to its end. */
async function eventsOf({ url }: EngineProcess, runId: string, after: number): Promise<string> {
  const response = await fetch(`${url}/runs/${runId}/events`, {
    headers: { "last-event-id": String(after) },
  });
  return await response.text();
}

/** Sends a request as written, and reads the first line of the answer. */
async function raw({ port }: EngineProcess, lines: readonly string[], body = ""): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = [...lines, `Content-Length: ${body.length}`, "Connection: close", "", body];
  await connection.write(new TextEncoder().encode(head.join("\r\n")));
  const bytes = new Uint8Array(4096);
  const size = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, size ?? 0)).split("\r\n")[0] ?? "";
}

Deno.test("a delivery that OpenSSL signed starts one run, also after the engine was killed", () =>
  withFolder(HOOKED, async (dir) => {
    const args = ["--workflow", dir, "--storage", `sqlite://${dir}/runs.db`];
    const body = '{"ref":"refs/heads/main","n":"zwölf"}';
    let runId = "";
    await withEngine(args, async (engine) => {
      const first = await push(engine, body, "delivery-1");
      assert.equal(first.status, 202);
      runId = first.body.runId;
      assert.match(await eventsOf(engine, runId, 0), /"run\.succeeded"/);
      assert.equal((await push(engine, body.replace("main", "mian"), "delivery-2")).status, 202);
      const forged = await deliver(engine, "/github", body.replace("main", "evil"), {
        "x-github-event": "push",
        "x-github-delivery": "delivery-3",
        "x-hub-signature-256": `sha256=${await opensslHmac(body)}`,
      });
      assert.deepEqual([forged.status, forged.body.error?.code], [401, "WEBHOOK_REFUSED"]);
      await engine.logged(
        /a delivery to \/hooks\/github was refused: its signature is another one/,
      );
      engine.kill("SIGKILL");
      await engine.status;
    });
    await withEngine(args, async (engine) => {
      const again = await push(engine, body, "delivery-1");
      assert.deepEqual([again.status, again.body], [202, { runId, repeated: true }]);
      const run = await (await fetch(`${engine.url}/runs/${runId}`)).json();
      assert.equal(run.status, "succeeded");
      assert.deepEqual(run.outputs.echo.input, JSON.parse(body));
      assert.equal(run.outputs.echo.trigger.event, "push");
      const { runs } = await (await fetch(`${engine.url}/runs`)).json();
      assert.equal(runs.length, 2);
    });
    for await (const { name } of Deno.readDir(dir)) {
      if (!name.startsWith("runs.db")) continue;
      const bytes = await Deno.readFile(`${dir}/${name}`);
      assert.ok(!new TextDecoder("latin1").decode(bytes).includes("canary"), name);
    }
  }));

Deno.test("a Slack request verifies now, and neither an hour later nor under a newer time", () =>
  withFolder(HOOKED, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      const now = Math.floor(Date.now() / 1000);
      const body = '{"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}';
      const signed = async (seconds: number, shown = seconds) => ({
        "x-slack-request-timestamp": String(shown),
        "x-slack-signature": `v0=${await opensslHmac(`v0:${seconds}:${body}`)}`,
      });
      const fresh = await signed(now);
      assert.equal((await deliver(engine, "/slack", body, fresh)).status, 202);
      const again = await deliver(engine, "/slack", body, fresh);
      assert.equal(again.body.repeated, true);
      assert.equal((await deliver(engine, "/slack", body, await signed(now - 3600))).status, 401);
      assert.equal(
        (await deliver(engine, "/slack", body, await signed(now - 3600, now))).status,
        401,
      );
    })));

Deno.test("a stream of events goes on over a kill of the engine, without gap or repeat", () =>
  withGate((gate) =>
    withFolder({
      "workflow.yaml": `name: slow
version: "1.0"
description: Waits in the middle
nodes:
  a: { path: ./nodes/a.ts }
  b: { path: ./nodes/b.ts, depends_on: [a], timeout: 60s }
`,
      "nodes/a.ts": "export default () => 1;\n",
      "nodes/b.ts":
        `export default async () => { await (await fetch("${gate.url}")).text(); return 2; };\n`,
    }, async (dir) => {
      const args = ["--workflow", dir, "--storage", `sqlite://${dir}/runs.db`];
      let runId = "";
      let text = "";
      await withEngine(args, async (engine) => {
        const started = await fetch(`${engine.url}/run?wait=false`, { method: "POST" });
        runId = (await started.json()).runId;
        const { body } = await fetch(`${engine.url}/runs/${runId}/events`);
        const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>)
          .pipeThrough(new TextDecoderStream()).getReader();
        while (!/"node.started","node":"b"/.test(text)) text += (await reader.read()).value ?? "";
        await gate.arrived(1);
        engine.kill("SIGKILL");
        await engine.status;
        await reader.closed.catch(() => {});
        await reader.cancel().catch(() => {});
      });
      gate.open();
      await withEngine(args, async (engine) => {
        const seen = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
        const rest = await eventsOf(engine, runId, seen.at(-1) ?? 0);
        assert.match(rest, /"run\.resumed"[^]*"node\.lost"[^]*"run\.succeeded"/);
        assert.doesNotMatch(rest, /"node\.started","node":"a"/);
        const all = [...`${text}\n${rest}`.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
        assert.deepEqual(all, all.map((_, index) => index + 1));
      });
    })
  ));

Deno.test("a tunnel's name reaches webhooks alone, and a browser reaches none", () =>
  withFolder(HOOKED, (dir) =>
    withEngine(["--workflow", dir], async (engine) => {
      const tunnel = "Host: abc.tunnel.example";
      const own = `Host: 127.0.0.1:${engine.port}`;
      const body = "{}";
      const proof = `X-Hub-Signature-256: sha256=${await opensslHmac(body)}`;
      const cases: readonly [string, readonly string[], RegExp][] = [
        [
          "a delivery",
          ["POST /hooks/github HTTP/1.1", tunnel, proof, "X-GitHub-Event: push"],
          /202/,
        ],
        ["without proof", ["POST /hooks/github HTTP/1.1", tunnel], /401/],
        ["another path", ["POST /run HTTP/1.1", tunnel], /403/],
        ["a path behind dots", ["POST /hooks/../run HTTP/1.1", tunnel], /40[345]/],
        ["an encoded one", ["POST /hooks/%2e%2e/run HTTP/1.1", tunnel], /40[345]/],
        ["an absolute one", ["POST http://x/hooks/../run HTTP/1.1", tunnel], /40[345]/],
        [
          "a page",
          ["POST /hooks/github HTTP/1.1", own, proof, "Origin: https://evil.example"],
          /403/,
        ],
        ["a rebound page", [
          "POST /hooks/github HTTP/1.1",
          tunnel,
          proof,
          "Origin: http://abc.tunnel.example",
        ], /403/],
        ["an image", ["GET /hooks/github HTTP/1.1", own, "Sec-Fetch-Site: cross-site"], /403/],
      ];
      for (const [name, lines, status] of cases) {
        assert.match(await raw(engine, lines, body), status, name);
      }
      const { runs } = await (await fetch(`${engine.url}/runs`)).json();
      assert.equal(runs.length, 1);
    })));

Deno.test("a webhook without verify works with --insecure-webhooks alone", () =>
  withFolder({
    ...HOOKED,
    "workflow.yaml": HOOKED["workflow.yaml"].replace(
      / {2}- .*github.*\n/,
      "  - { type: webhook, path: /open }\n",
    ),
  }, async (dir) => {
    await withEngine(["--workflow", dir], async (engine) => {
      const { status, body } = await deliver(engine, "/open", "{}", {});
      assert.deepEqual([status, body.error?.code], [403, "WEBHOOK_UNVERIFIED"]);
    });
    await withEngine(["--workflow", dir, "--insecure-webhooks"], async (engine) => {
      assert.equal((await deliver(engine, "/open", '{"a":1}', {})).status, 202);
      const large = await deliver(engine, "/open", "x".repeat(1024 * 1024 + 1), {});
      assert.deepEqual([large.status, large.body.error?.code], [413, "BODY_TOO_LARGE"]);
    });
  }));

Deno.test("a secret that is added while the engine runs opens its webhook", () =>
  withFolder(
    { ...HOOKED, ".secrets/github.json": "{}" },
    (dir) =>
      withEngine(["--workflow", dir, "--watch"], async (engine) => {
        const before = await push(engine, "{}", "1");
        assert.deepEqual([before.status, before.body.error?.code], [503, "TRIGGER_UNAVAILABLE"]);
        await Deno.writeTextFile(
          `${dir}/.secrets/github.json`,
          JSON.stringify({ webhook_secret: SECRET }),
        );
        await engine.logged(/reloaded after a change/);
        let answer = await push(engine, "{}", "1");
        for (let i = 0; i < 50 && answer.status === 503; i++) {
          answer = await push(engine, "{}", "1");
        }
        assert.equal(answer.status, 202);
        const { triggers } = await (await fetch(`${engine.url}/triggers`)).json();
        assert.deepEqual(
          triggers.map(({ path, state }: { path: string; state: string }) => [path, state]),
          [["/hooks/github", "on"], ["/hooks/slack", "on"]],
        );
      }),
  ));
