import { FakeClock } from "../../clock/mod.ts";
import { START, STORAGE_CONFORMANCE } from "../conformance.ts";
import { openStorage } from "../mod.ts";

for (const { does, test } of STORAGE_CONFORMANCE) {
  Deno.test(`sqlite storage ${does}`, async () => {
    const clock = new FakeClock(START);
    const dead = new Set<string>();
    const options = {
      clock,
      isOwnerAlive: ({ id }: { id: string }) => Promise.resolve(!dead.has(id)),
    };
    const dir = await Deno.makeTempDir();
    try {
      const url = `sqlite://${dir}/runs.db`;
      await using storage = await openStorage(url, options);
      await using other = await openStorage(url, options);
      await test({
        storage,
        other,
        now: () => clock.now(),
        advance: (byMs) => clock.advance(byMs),
        kill: ({ id }) => Promise.resolve(void dead.add(id)),
      });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
