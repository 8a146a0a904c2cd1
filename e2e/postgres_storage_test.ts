import { FakeClock } from "../engine/clock/mod.ts";
import { START, STORAGE_CONFORMANCE } from "../engine/storage/conformance.ts";
import { openStorage, type Owner } from "../engine/storage/mod.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";

const postgres = await findPostgres();
const ignore = postgres.status === "missing";

Deno.test({
  name: "postgres storage",
  ignore,
  async fn(t) {
    await using server = await startPostgres();
    for (const [index, { does, test }] of STORAGE_CONFORMANCE.entries()) {
      await t.step(does, async () => {
        const name = `conformance_${index}`;
        const url = await server.createDatabase(name);
        const clock = new FakeClock(START);
        await using storage = await openStorage(url, { clock });
        await using other = await openStorage(url, { clock });
        await test({
          storage,
          other,
          now: () => clock.now(),
          advance: (byMs) => clock.advance(byMs),
          async kill(owner: Owner) {
            await server.sql(
              `UPDATE pipedreamer.owners SET lease_until = now() WHERE owner_id = '${owner.id}'`,
              name,
            );
          },
        });
      });
    }
  },
});
