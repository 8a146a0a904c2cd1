import assert from "node:assert/strict";
import { createRedactor, type HttpMode } from "../context/mod.ts";
import { openWorkflow } from "../workflow/mod.ts";
import { recordTo } from "./record_to.ts";
import { replayFrom } from "./replay_from.ts";

const CANARY = "canary-51d7e0b39c";

/** Two nodes in one stage ask the same thing, by `ctx.fetch` and by a bare `fetch()`, with a secret. */
const ASK = `
export default async function ask(ctx) {
  const numbers = [];
  for (let i = 0; i < 2; i++) {
    numbers.push(await (await ctx.fetch("counter", "/next?as=same&key=" + ctx.secrets.counter.token)).json());
  }
  const bare = await fetch(ctx.config.url + "/bare", { method: "POST", body: "node=" + ctx.run.node });
  return { numbers, bare: await bare.text(), status: bare.status };
}
`;

async function runOnce(dir: string, http: HttpMode): Promise<unknown> {
  await using workflow = await openWorkflow({ dir, http });
  const result = await (await workflow.start()).result;
  assert.deepEqual(result.errors, {});
  return result.outputs;
}

Deno.test("a run that was recorded is replayed without its server, bare fetch() included, and without its secret", async () => {
  const dir = await Deno.makeTempDir();
  const folder = `${dir}/testdata/http`;
  let count = 0;
  const asked: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    asked.push(request.headers.get("authorization"));
    const { pathname } = new URL(request.url);
    if (pathname === "/next") return Response.json(++count);
    return new Response(`got ${await request.text()}`, { status: 201 });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  await Deno.mkdir(`${dir}/nodes`);
  await Deno.mkdir(`${dir}/.secrets`);
  await Deno.writeTextFile(`${dir}/nodes/ask.ts`, ASK);
  await Deno.writeTextFile(`${dir}/.secrets/counter`, JSON.stringify({ token: CANARY }));
  await Deno.writeTextFile(
    `${dir}/workflow.yaml`,
    `
name: counting
version: "1.0"
services: { counter: { url: "${url}" } }
config: { url: "${url}" }
nodes:
  one: { path: ./nodes/ask.ts, permissions: { net: ["127.0.0.1:${server.addr.port}"], secrets: [counter] } }
  two: { path: ./nodes/ask.ts, permissions: { net: ["127.0.0.1:${server.addr.port}"], secrets: [counter] } }
`,
  );

  let live: unknown;
  {
    await using recorder = recordTo(folder, createRedactor({ counter: { token: CANARY } }));
    live = await runOnce(dir, recorder);
    assert.equal(await recorder.finish(), 6);
  }
  await server.shutdown();
  assert.ok(asked.includes(`Bearer ${CANARY}`), "the server did see the secret");
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    assert.ok(!`${name}${text}`.includes("51d7e0b39c"), name);
  }

  assert.deepEqual(await runOnce(dir, replayFrom(folder)), live);
  await Deno.writeTextFile(`${dir}/.secrets/counter`, JSON.stringify({ token: "another-one" }));
  assert.deepEqual(await runOnce(dir, replayFrom(folder)), live, "nor does replay need the secret");
  await Deno.remove(dir, { recursive: true });
});
