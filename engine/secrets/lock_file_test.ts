import assert from "node:assert/strict";
import { FakeClock, systemClock } from "../clock/mod.ts";
import { lockFile } from "./lock_file.ts";

Deno.test("a lock that somebody has is waited for, and then given up with SECRETS_LOCKED", async () => {
  const path = await Deno.makeTempFile();
  try {
    const first = await lockFile(path, { clock: systemClock });
    const clock = new FakeClock();
    await assert.rejects(lockFile(path, { clock, timeoutMs: 0 }), { code: "SECRETS_LOCKED" });
    const second = lockFile(path, { clock: systemClock });
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
  } finally {
    await Deno.remove(path);
  }
});
