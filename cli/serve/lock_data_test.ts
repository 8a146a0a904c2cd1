import assert from "node:assert/strict";
import { lockData } from "./lock_data.ts";

Deno.test("a data folder is one server's, which is named to others, until it lets go", async () => {
  const folder = `${await Deno.makeTempDir()}/data`;
  try {
    {
      using lock = await lockData(folder);
      await lock.note("http://127.0.0.1:9009");
      await assert.rejects(lockData(folder), (error: Error & { code?: string }) => {
        assert.equal(error.code, "DATA_IN_USE");
        assert.match(error.message, /process \d+ at http:\/\/127\.0\.0\.1:9009$/);
        return true;
      });
      assert.equal(((await Deno.stat(`${folder}/server.lock`)).mode ?? 0) & 0o777, 0o600);
    }
    using _again = await lockData(folder);
  } finally {
    await Deno.remove(`${folder}/..`, { recursive: true });
  }
});

Deno.test("what another program has written into the lock file is no obstacle", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/server.lock`, "{nonsense ".repeat(100));
    using lock = await lockData(folder);
    await lock.note("http://127.0.0.1:1");
    const { pid } = JSON.parse(await Deno.readTextFile(`${folder}/server.lock`));
    assert.equal(pid, Deno.pid);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
