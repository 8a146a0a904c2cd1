import assert from "node:assert/strict";
import { manifests } from "../builder/mod.ts";
import { parseWorkflow } from "../engine/spec/mod.ts";

/** The arguments that the workflow's own image is called with, aimed at a server of this machine. */
async function argumentsFor(port: number): Promise<readonly string[]> {
  const text = `name: hello
version: "1.0"
triggers: [{ type: cron, name: 'a "b" # %41 $(HOME)', schedule: "@hourly" }]
nodes: { one: { path: ./one.ts } }
config: { cron_image: self }
`;
  const { spec } = await parseWorkflow(text, { file: "workflow.yaml" });
  assert.ok(spec);
  const cron = manifests(spec, { image: "hello:1" }).find(({ kind }) => kind === "CronJob");
  assert.ok(cron?.kind === "CronJob");
  const [container] = cron.spec.jobTemplate.spec.template.spec.containers;
  const [, ...words] = container?.command ?? [];
  // The kubelet reads $$ as one $.
  return words.map((word) =>
    word.replaceAll("$$", "$").replaceAll("hello:8080", `127.0.0.1:${port}`)
  );
}

async function callWith(handler: (request: Request) => Response | Promise<Response>) {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...await argumentsFor(server.addr.port)],
    clearEnv: true,
    // There is no place that it could write to.
    env: { DENO_DIR: "/proc/nothing", HOME: "/proc/nothing" },
    cwd: "/",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("a CronJob in the workflow's own image POSTs its trigger once, and prints the answer", async () => {
  const calls: unknown[] = [];
  const { code, stdout, stderr } = await callWith(async (request) => {
    calls.push([request.method, new URL(request.url).pathname, await request.json()]);
    return Response.json({ success: true });
  });
  assert.equal(stderr, "");
  assert.equal(stdout, '200 {"success":true}\n');
  assert.equal(code, 0);
  assert.deepEqual(calls, [["POST", "/run", { trigger: 'a "b" # %41 $(HOME)' }]]);
});

Deno.test("a CronJob in the workflow's own image fails with a failed run, and does not try again", async () => {
  let calls = 0;
  const { code, stdout } = await callWith(() => {
    calls += 1;
    return Response.json({ success: false }, { status: 500 });
  });
  assert.equal(code, 1);
  assert.equal(stdout, '500 {"success":false}\n');
  assert.equal(calls, 1);
});
