import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { containerNode, Play } from "./_play.ts";

const SECRET = "hunter2-hunter2";

Deno.test("output is shown as it comes, and logged in lines", async () => {
  const more = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  await using play = new Play({
    programs: {
      run: async ({ out, err }) => {
        out("a\n");
        err("warning: ");
        out("half a li");
        first.resolve();
        await more.promise;
        out("ne\n\n");
      },
    },
  });
  const outcome = play.runNode(containerNode("run"));
  await first.promise;
  assert.equal(play.shown, "a\nwarning: half a li");
  assert.deepEqual(play.logs.map(({ message }) => message), ["a"]);
  more.resolve();
  await outcome;
  assert.deepEqual(play.chunks.at(-1), {
    runId: "run-1",
    node: "step",
    stream: "stdout",
    text: "ne\n\n",
  });
  assert.deepEqual(play.logs, [
    { level: "info", message: "a", fields: { stream: "stdout" } },
    { level: "info", message: "half a line", fields: { stream: "stdout" } },
    { level: "warn", message: "warning: ", fields: { stream: "stderr" } },
  ]);
});

Deno.test("a secret that a program prints is masked, whole, in halves and encoded", async (t) => {
  const bytes = new TextEncoder().encode(SECRET);
  const base64 = Buffer.from(SECRET).toString("base64");
  const cases: readonly (readonly [name: string, parts: readonly (string | Uint8Array)[]])[] = [
    ["whole", [`it is ${SECRET}!\n`]],
    ["in halves", [`it is ${SECRET.slice(0, 7)}`, `${SECRET.slice(7)}!\n`]],
    ["byte by byte", ["it is ", ...[...bytes].map((byte) => new Uint8Array([byte])), "!\n"]],
    ["in base64", [`it is ${base64.slice(0, 5)}`, `${base64.slice(5)}!\n`]],
  ];
  for (const [name, parts] of cases) {
    await t.step(name, async () => {
      await using play = new Play({
        secrets: { TOKEN: { value: SECRET } },
        programs: { leak: ({ out }) => parts.forEach((part) => out(part)) },
      });
      await play.runNode(containerNode("leak", { env: { TOKEN: "secret:TOKEN" } }));
      assert.equal(play.shown, "it is ***!\n");
      assert.deepEqual(play.logs.map(({ message }) => message), ["it is ***!"]);
    });
  }
});

Deno.test("a first half of a secret is not shown, however long the second takes", async () => {
  const more = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  await using play = new Play({
    secrets: { TOKEN: { value: SECRET } },
    programs: {
      leak: async ({ out }) => {
        out(`it is ${SECRET.slice(0, 7)}`);
        first.resolve();
        await more.promise;
      },
    },
  });
  const outcome = play.runNode(containerNode("leak"));
  await first.promise;
  await play.clock.advance(60_000);
  assert.equal(play.shown, "it is ");
  more.resolve();
  await outcome;
});

Deno.test("characters that are cut between chunks come out whole", async () => {
  const bytes = new TextEncoder().encode("grüß 🎈\n");
  await using play = new Play({
    programs: { run: ({ out }) => [...bytes].forEach((byte) => out(new Uint8Array([byte]))) },
  });
  assert.deepEqual(await play.runNode(containerNode("run")), {
    status: "succeeded",
    output: "grüß 🎈",
  });
  assert.equal(play.shown, "grüß 🎈\n");
});
