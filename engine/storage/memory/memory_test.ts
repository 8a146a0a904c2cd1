import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { START, STORAGE_CONFORMANCE } from "../conformance.ts";
import { openStorage } from "../mod.ts";

for (const { does, test } of STORAGE_CONFORMANCE) {
  Deno.test(`memory storage ${does}`, async () => {
    const clock = new FakeClock(START);
    const dead = new Set<string>();
    await using storage = await openStorage("memory:", {
      clock,
      isOwnerAlive: ({ id }) => Promise.resolve(!dead.has(id)),
    });
    await test({
      storage,
      // There is one view of it: nobody else can reach the memory of a process.
      other: storage,
      now: () => clock.now(),
      advance: (byMs) => clock.advance(byMs),
      kill: ({ id }) => Promise.resolve(void dead.add(id)),
    });
    assert.equal(clock.pending, 0);
  });
}
