import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { create, events, finish, line, START, testOwner } from "../_conformance_fixture.ts";
import type { Storage } from "../storage.ts";
import { Database } from "./database.ts";
import { open } from "./open.ts";

const CLOCK = new FakeClock(START);
const PAGE = 4096;
const LINES = 60;
const K6 = {
  name: "k6",
  kind: "pipeline",
  driver: undefined,
  source: "k6.ts",
  files: { "pipeline.js": "export function pipeline() {}" },
  createdAt: START,
} as const;

Deno.test("open() recovers what can be read when it is told to, and puts the damaged file aside", async () => {
  await withRuns(async ({ path, pages, done, running }) => {
    const [first] = pages("events");
    const damagedBytes = await zero(path, first);
    await using storage = await open(`sqlite://${path}?recover=yes`, { clock: CLOCK });
    const whole = await storage.getRun(done[2] ?? "");
    assert.deepEqual([whole?.status, whole?.lastSeq], ["succeeded", LINES + 1]);
    assert.equal((await storage.readEvents(done[2] ?? "", 0)).length, LINES + 1);
    // The first run has lost the beginning of its events: what is left of them has no meaning.
    assert.equal((await storage.getRun(done[0] ?? ""))?.status, "succeeded");
    assert.deepEqual(await storage.readEvents(done[0] ?? "", 0), []);
    assert.equal((await storage.getRun(running))?.status, "running");
    assert.equal((await storage.getTriggerState("/a", "daily"))?.value, 7);
    assert.deepEqual((await storage.getWorkflow("k6"))?.files, K6.files);
    const { run } = await create(storage, testOwner("b"));
    assert.equal((await storage.listRuns({ limit: 10 }))[0]?.runId.length, run.runId.length);
    assert.deepEqual(await Deno.readFile(`${path}.damaged-${START}/runs.db`), damagedBytes);
    assert.deepEqual(
      await namesBeside(path),
      [
        "runs.db",
        `runs.db.damaged-${START}`,
        "runs.db-shm",
        "runs.db-wal",
      ].sort(),
    );
  });
});

Deno.test("open() lets no run go on that has lost events", async () => {
  await withRuns(async ({ path, pages, running }) => {
    await zero(path, pages("events").at(-1));
    await using storage = await open(`sqlite://${path}?recover=yes`, { clock: CLOCK });
    const run = await storage.getRun(running);
    assert.equal(run?.status, "failed");
    assert.match(run?.error ?? "", /^STORAGE_DAMAGED: /);
    assert.ok((run?.lastSeq ?? 0) < LINES);
    assert.equal((await storage.readEvents(running, 0)).length, run?.lastSeq);
    assert.deepEqual(await storage.claimRuns(testOwner("b"), { limit: 10 }), []);
  });
});

const MENDED: Readonly<
  Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>>
> = {
  "with a flipped bit in its head": (bytes) => {
    bytes[2] = 0;
    return bytes;
  },
  "that is torn": (bytes) => bytes.slice(0, bytes.length - 3 * PAGE - 100),
};

for (const [kind, damage] of Object.entries(MENDED)) {
  Deno.test(`open() recovers a file ${kind}`, async () => {
    await withRuns(async ({ path, done }) => {
      await Deno.writeFile(path, damage(await Deno.readFile(path)));
      await using storage = await open(`sqlite://${path}?recover=yes`, { clock: CLOCK });
      assert.equal((await storage.listRuns({ limit: 10 })).length, 4);
      assert.equal((await storage.readEvents(done[0] ?? "", 0)).length, LINES + 1);
    });
  });
}

Deno.test("open() changes nothing when nothing can be recovered", async () => {
  await withRuns(async ({ path }) => {
    const noise = crypto.getRandomValues(new Uint8Array(20_000));
    await Deno.writeFile(path, noise);
    await assert.rejects(open(`sqlite://${path}?recover=yes`, { clock: CLOCK }), {
      code: "STORAGE_DAMAGED",
      message: /^Cannot recover /,
    });
    assert.deepEqual(await Deno.readFile(path), noise);
    assert.deepEqual(await namesBeside(path), ["runs.db"]);
  });
});

Deno.test("open() with recover=yes leaves a good file as it is", async () => {
  await withRuns(async ({ path }) => {
    await using storage = await open(`sqlite://${path}?recover=yes`, { clock: CLOCK });
    assert.equal((await storage.listRuns({ limit: 10 })).length, 4);
    assert.ok(!(await namesBeside(path)).some((name) => name.includes("damaged")));
  });
});

interface Runs {
  readonly path: string;
  readonly done: readonly string[];
  readonly running: string;
  /** Numbers of the leaves of a table, in the order of its rows. */
  pages(table: string): readonly number[];
}

async function withRuns(body: (runs: Runs) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/runs.db`;
    const storage = await open(`sqlite://${path}`, { clock: CLOCK });
    const done: string[] = [];
    for (let index = 0; index < 3; index++) {
      const runId = await writeRun(storage, index);
      done.push(runId);
    }
    const running = await writeRun(storage, 3);
    await storage.setTriggerState("/a", "daily", 7, 0);
    await storage.putWorkflow(K6);
    await storage[Symbol.asyncDispose]();
    const db = new Database(path);
    const rows = db.all(
      "SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf' ORDER BY name, path",
    );
    db.close();
    const pages = (table: string) =>
      rows.filter(({ name }) => name === table).map(({ pageno }) => Number(pageno));
    await body({ path, done, running, pages });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The last of four stays unfinished. */
async function writeRun(storage: Storage, index: number): Promise<string> {
  const { run, lease } = await create(storage, testOwner("a"), { createdAt: START + index });
  const bodies = Array.from({ length: LINES }, (_, at) => line("a", `${at} ${"x".repeat(400)}`));
  await storage.append({ lease, events: events(run.runId, 1, ...bodies) });
  if (index < 3) await finish(storage, lease, { seq: LINES + 1 });
  return run.runId;
}

async function zero(path: string, page = 1): Promise<Uint8Array> {
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.fill(0, (page - 1) * PAGE, page * PAGE));
  return bytes;
}

async function namesBeside(path: string): Promise<string[]> {
  const entries = Deno.readDir(path.slice(0, path.lastIndexOf("/")));
  return (await Array.fromAsync(entries, ({ name }) => name)).sort();
}
