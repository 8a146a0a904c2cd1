import assert from "node:assert/strict";
import { killAgainAndAgain, stopForLongerThanTheLease } from "./_chaos.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";

const KILLS = 30;
const LEASE_MS = 500;
const postgres = await findPostgres();

Deno.test("on SQLite each accepted run ends once, however often the engine is killed", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const report = await killAgainAndAgain({
      storageUrl: `sqlite://${dir}/runs.db`,
      kills: KILLS,
      seed: 20261,
    });
    assert.ok(report.runs > 0 && report.resumed > 0, JSON.stringify(report));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "on PostgreSQL each accepted run ends once, however often the engine is killed",
  ignore: postgres.status === "missing",
  async fn() {
    await using server = await startPostgres();
    const storageUrl = `${await server.createDatabase()}?lease=${LEASE_MS}ms`;
    const report = await killAgainAndAgain({ storageUrl, kills: KILLS, seed: 20262 });
    assert.ok(report.runs > 0 && report.resumed > 0, JSON.stringify(report));
  },
});

Deno.test({
  name:
    "an engine that is stopped for longer than its lease writes nothing of what another one took up",
  ignore: postgres.status === "missing",
  async fn() {
    await using server = await startPostgres();
    const storageUrl = `${await server.createDatabase()}?lease=${LEASE_MS}ms`;
    const report = await stopForLongerThanTheLease({
      storageUrl,
      kills: 5,
      seed: 20263,
      leaseMs: LEASE_MS,
    });
    assert.ok(report.runs > 0 && report.resumed > 0, JSON.stringify(report));
  },
});
