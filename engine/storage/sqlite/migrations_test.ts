import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { FakeClock } from "../../clock/mod.ts";
import { START } from "../conformance.ts";
import type { Storage } from "../storage.ts";
import { MIGRATIONS } from "./migrations.ts";
import { open } from "./open.ts";

const CLOCK = new FakeClock(START);
const NEXT = [
  "ALTER TABLE runs ADD COLUMN note TEXT",
  "UPDATE runs SET workflow = workflow || '-2'",
];

Deno.test("open() reads a file of version 1 as it was written", async () => {
  await withFile(async (path) => {
    await writeVersion1(path);
    await using storage = await open(`sqlite://${path}`, { clock: CLOCK });
    const [queued, running, done] = await storage.listRuns({ limit: 10 });
    assert.deepEqual([queued?.status, queued?.partition, queued?.startAfter], [
      "queued",
      "berlin",
      START + 9,
    ]);
    assert.deepEqual([running?.status, running?.lastSeq, running?.owner?.id], [
      "running",
      2,
      "engine-1",
    ]);
    assert.deepEqual([queued?.deadlineAt, running?.deadlineAt], [undefined, undefined]);
    assert.deepEqual(running?.trigger, { type: "cron", name: "daily" });
    assert.deepEqual([done?.status, done?.completedAt], ["succeeded", START + 10]);
    const events = await storage.readEvents(done?.runId ?? "", 0);
    assert.deepEqual(events.map(({ kind, seq, at }) => [kind, seq, at]), [
      ["run.started", 1, START + 1],
      ["log", 2, START + 2],
      ["run.succeeded", 3, START + 3],
    ]);
    assert.deepEqual(events[0]?.kind === "run.started" && events[0].input, { topic: "Grüße 🦕" });
    assert.equal((await storage.getRun(done?.runId ?? ""))?.spec.name, "digest");
    const state = await storage.getTriggerState("/srv/digest", "daily");
    assert.deepEqual(state, { value: { scheduledAt: START }, revision: 1 });
    const claimed = await storage.claimRuns(
      { id: "engine-2", host: "laptop", pid: 4_000_002, startedAt: 8 },
      { limit: 10 },
    );
    assert.deepEqual(claimed.map(({ lease }) => lease.token), [2, 2]);
  });
});

Deno.test("open() brings an older file to the newest version and keeps its runs", async () => {
  await withFile(async (path) => {
    await writeVersion1(path);
    const migrations = [...MIGRATIONS, NEXT];
    for (let opened = 0; opened < 2; opened++) {
      await using storage = await open(`sqlite://${path}`, { clock: CLOCK, migrations });
      const runs = await storage.listRuns({ limit: 10 });
      assert.deepEqual(runs.map(({ workflow }) => workflow), Array(3).fill("digest-2"));
    }
    assert.equal(version(path), MIGRATIONS.length + 1);
  });
});

Deno.test("open() leaves a file as it was when a step of its migration fails", async () => {
  await withFile(async (path) => {
    await writeVersion1(path);
    const migrations = [...MIGRATIONS, [...NEXT, "INSERT INTO nowhere VALUES (1)"]];
    await assert.rejects(async () => {
      await using _ = await open(`sqlite://${path}`, { clock: CLOCK, migrations });
    });
    assert.equal(version(path), 1);
    await using storage = await open(`sqlite://${path}`, { clock: CLOCK });
    assert.equal((await storage.listRuns({ limit: 10 }))[0]?.workflow, "digest");
  });
});

Deno.test("open() refuses a file of a newer version and touches nothing", async () => {
  await withFile(async (path) => {
    const migrations = [...MIGRATIONS, NEXT];
    await (await open(`sqlite://${path}`, { clock: CLOCK, migrations }))[Symbol.asyncDispose]();
    const before = await Deno.readFile(path);
    await assert.rejects(open(`sqlite://${path}`, { clock: CLOCK }), {
      code: "STORAGE_TOO_NEW",
      message: `Cannot open "${path}" as version ${MIGRATIONS.length} of the storage: ` +
        `it has version ${MIGRATIONS.length + 1}, of a newer pd`,
    });
    assert.deepEqual(await Deno.readFile(path), before);
    assert.deepEqual(await namesBeside(path), ["runs.db"]);
  });
});

Deno.test("open() refuses a newer version that only the write-ahead log knows of", async () => {
  await withFile(async (path) => {
    await (await open(`sqlite://${path}`, { clock: CLOCK }))[Symbol.asyncDispose]();
    using db = closing(new DatabaseSync(path));
    db.it.exec(`PRAGMA journal_mode = WAL; PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await assert.rejects(open(`sqlite://${path}`, { clock: CLOCK }), { code: "STORAGE_TOO_NEW" });
  });
});

Deno.test("open() refuses the database of another program and changes nothing in it", async () => {
  await withFile(async (path) => {
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
    db.close();
    const before = await Deno.readFile(path);
    await assert.rejects(open(`sqlite://${path}`, { clock: CLOCK }), { code: "STORAGE_INVALID" });
    assert.deepEqual(await Deno.readFile(path), before);
  });
});

Deno.test("open() makes one schema for all who open an empty file at once", async () => {
  await withFile(async (path) => {
    const storages: Storage[] = await Promise.all(
      Array.from({ length: 8 }, () => open(`sqlite://${path}`, { clock: CLOCK })),
    );
    for (const storage of storages) {
      assert.deepEqual(await storage.listRuns({ limit: 1 }), []);
      await storage[Symbol.asyncDispose]();
    }
  });
});

async function withFile(body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/runs.db`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function writeVersion1(path: string): Promise<void> {
  const sql = await Deno.readTextFile(new URL("testdata/version_1.sql", import.meta.url));
  using db = closing(new DatabaseSync(path));
  db.it.exec(sql);
}

function version(path: string): number {
  using db = closing(new DatabaseSync(path));
  return Number(db.it.prepare("PRAGMA user_version").get()?.["user_version"]);
}

async function namesBeside(path: string): Promise<string[]> {
  const entries = Deno.readDir(path.slice(0, path.lastIndexOf("/")));
  return (await Array.fromAsync(entries, ({ name }) => name)).sort();
}

function closing(db: DatabaseSync): { readonly it: DatabaseSync } & Disposable {
  return { it: db, [Symbol.dispose]: () => db.close() };
}
