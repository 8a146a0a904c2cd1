import assert from "node:assert/strict";
import { makeSocketDir, sweepSocketDirs } from "./socket_dir.ts";

Deno.test("sweepSocketDirs() removes what a killed engine left, and nothing else", async () => {
  const tempDir = await Deno.makeTempDir();
  const ended = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await ended.status;
  await Deno.mkdir(`${tempDir}/pd-${ended.pid}-dead`);
  await Deno.writeTextFile(`${tempDir}/pd-${ended.pid}-dead/deno.json`, "{}");
  await Deno.mkdir(`${tempDir}/pd-${Deno.pid}-alive`);
  await Deno.mkdir(`${tempDir}/pd-other`);
  await sweepSocketDirs(tempDir);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(tempDir), (entry) => entry.name)).sort(), [
    `pd-${Deno.pid}-alive`,
    "pd-other",
  ]);
  await Deno.remove(tempDir, { recursive: true });
});

Deno.test("the folder of the sockets is closed to everybody else", async () => {
  const dir = await makeSocketDir();
  assert.equal(((await Deno.stat(dir)).mode ?? 0) & 0o777, 0o700);
  await Deno.remove(dir);
});
