import assert from "node:assert/strict";
import { currentOwner, isOwnerAlive } from "./mod.ts";

Deno.test("currentOwner() is this process, the same each time", () => {
  const owner = currentOwner();
  assert.equal(owner, currentOwner());
  assert.equal(owner.pid, Deno.pid);
  assert.ok(Number.isSafeInteger(owner.startedAt) && owner.startedAt > 0);
});

Deno.test("isOwnerAlive() knows a process by its pid and its start", async () => {
  const owner = currentOwner();
  assert.equal(await isOwnerAlive(owner), true);
  // Laptops change their name with the network.
  assert.equal(await isOwnerAlive({ ...owner, host: "elsewhere" }), true);
  assert.equal(await isOwnerAlive({ ...owner, startedAt: owner.startedAt - 1 }), false);
  assert.equal(await isOwnerAlive({ ...owner, pid: 4_194_305 }), false);
});

Deno.test("isOwnerAlive() sees another process live and die", async () => {
  const module = new URL("mod.ts", import.meta.url).href;
  const code = `const { currentOwner } = await import(${JSON.stringify(module)});
    console.log(JSON.stringify(currentOwner()));
    for await (const _ of Deno.stdin.readable);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  let text = "";
  while (!text.includes("\n")) text += (await reader.read()).value ?? "";
  const owner = JSON.parse(text);
  assert.equal(owner.pid, child.pid);
  assert.equal(await isOwnerAlive(owner), true);
  assert.equal(await isOwnerAlive({ ...owner, startedAt: owner.startedAt + 1 }), false);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  await child.stdin.abort();
  assert.equal(await isOwnerAlive(owner), false);
});
