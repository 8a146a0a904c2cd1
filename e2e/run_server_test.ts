import assert from "node:assert/strict";
import { withFolder, withGate } from "./_engine_process.ts";
import { pd, PdProcess } from "./_pd_process.ts";
import { serve } from "./_serve_process.ts";

const FILES = {
  "greet/workflow.yaml": `name: greet
version: "1.0"
inputs:
  name: { type: string, required: true }
  times: { type: integer, default: 1 }
nodes:
  greet: { path: ./greet.ts }
`,
  "greet/greet.ts": `export default (
  ctx: { log: { info(message: string): void } },
  { name, times }: { name: string; times: number },
) => {
  ctx.log.info("greeting");
  if (name === "nobody") throw new Error("there is nobody");
  return Array(times).fill("hello " + name).join(", ");
};
`,
  "wait/workflow.yaml": `name: wait
version: "1.0"
nodes:
  wait: { path: ./wait.ts, timeout: 5m, permissions: { net: [127.0.0.1] } }
`,
  "wait/wait.ts": `export default async (_ctx: unknown, { url }: { url: string }) =>
  await (await fetch(url)).text();
`,
};

Deno.test("pd run --server starts, follows and ends as a run of a server does", () =>
  withFolder(FILES, async (cwd) => {
    await using server = await serve(cwd);
    const env = { PD_TOKEN: await server.token("--sub", "ann", "--scope", "run") };
    const run = (...args: string[]) => pd(["run", "--server", server.url, ...args], { cwd, env });

    const done = await run("greet", "--name", "ann", "--times=2");
    assert.deepEqual([done.code, done.stdout], [0, "hello ann, hello ann\n"]);
    assert.match(done.stderr, /greeting/);

    const json = await run("greet", "-i", "name=bob", "-o", "json");
    const { status, success, outputs } = JSON.parse(json.stdout);
    assert.deepEqual([status, success, outputs], ["succeeded", true, { greet: "hello bob" }]);

    const failed = await run("greet", "--input", '{"name": "nobody"}');
    assert.equal(failed.code, 1);
    assert.equal(failed.stdout, "");
    assert.match(failed.stderr, /NODE_FAILED .*there is nobody/);

    const wrong = await run("greet");
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /INPUT_INVALID/);

    const unknown = await run("great", "--input", "{}");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /did you mean "greet"|NOT_FOUND/i);
  }));

Deno.test("pd run --server is refused by the scope and the grants of its token", () =>
  withFolder(FILES, async (cwd) => {
    await using server = await serve(cwd);
    async function refused(...claims: string[]): Promise<string> {
      const token = await server.token(...claims);
      const { code, stderr } = await pd(
        ["run", "--server", server.url, "--token", token, "greet", "-i", "name=a"],
        { cwd, env: {} },
      );
      assert.equal(code, 1);
      assert.ok(!stderr.includes(token));
      return stderr;
    }
    assert.match(await refused("--scope", "read"), /SCOPE_MISSING/);
    assert.match(await refused("--workflow", "wait"), /error [A-Z_]+ /);
    assert.match(
      await refused("--jwt-secret", "another secret, as long as it must"),
      /TOKEN_INVALID/,
    );
  }));

Deno.test("Ctrl-C cancels the run of the server", () =>
  withFolder(FILES, (cwd) =>
    withGate(async (gate) => {
      await using server = await serve(cwd);
      const env = { PD_TOKEN: await server.token() };
      const input = JSON.stringify({ url: gate.url });
      await using running = new PdProcess(
        ["run", "--server", server.url, "wait", "--input", input],
        { cwd, env },
      );
      await gate.arrived(1);
      running.signal("SIGINT");
      assert.equal(await running.code(), 130);
      await server.until(/pipedreamer_runs_total\{workflow="wait",.*status="cancelled"\} 1/);
    })));
