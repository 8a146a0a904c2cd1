/**
 * `deno task chaos [--kills 300] [--seed N] [--only sqlite|postgres|sigstop]`: kills the engine with
 * SIGKILL at random moments over runs of a diamond, on SQLite and on PostgreSQL, and stops one of two
 * engines for longer than its lease. The exit code is 1 when a run was lost, or done twice.
 */
import { parseArgs } from "node:util";
import process from "node:process";
import { type ChaosReport, killAgainAndAgain, stopForLongerThanTheLease } from "./_chaos.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";

const { values } = parseArgs({
  args: [...Deno.args],
  options: {
    kills: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

const STORMS: { readonly [name: string]: () => Promise<ChaosReport> } = {
  async sqlite() {
    const dir = await Deno.makeTempDir({ prefix: "pd-chaos-" });
    try {
      return await killAgainAndAgain({
        storageUrl: `sqlite://${dir}/runs.db`,
        kills,
        seed,
        onProgress,
      });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
  async postgres() {
    await using server = await startPostgres();
    const storageUrl = `${await server.createDatabase()}?lease=500ms`;
    return await killAgainAndAgain({ storageUrl, kills, seed, onProgress });
  },
  async sigstop() {
    await using server = await startPostgres();
    const storageUrl = `${await server.createDatabase()}?lease=500ms`;
    const rounds = Math.ceil(kills / 10);
    return await stopForLongerThanTheLease({
      storageUrl,
      kills: rounds,
      seed,
      leaseMs: 500,
      onProgress,
    });
  },
};

function onProgress(text: string): void {
  print(`  ${text}\n`);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

print(`seed ${seed}, ${kills} kills\n`);
const hasPostgres = (await findPostgres()).status === "ready";
for (const [name, storm] of Object.entries(STORMS)) {
  if (values.only !== undefined && values.only !== name) continue;
  if (name !== "sqlite" && !hasPostgres) {
    print(`${name}: skipped, there is no PostgreSQL\n`);
    continue;
  }
  const startedAt = performance.now();
  try {
    const { runs, resumed, lost, retried } = await storm();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    print(
      `${name}: ${runs} runs ended once each; taken up ${resumed} times, ${lost} attempts lost, ` +
        `${retried} tried again; ${seconds} s\n`,
    );
  } catch (error) {
    print(`${name}: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}
