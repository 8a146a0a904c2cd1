import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { Database } from "./database.ts";
import { GroupCommit } from "./group_commit.ts";

Deno.test("write() commits what one turn asks for in one transaction, in order", async () => {
  await withTable(async ({ commit, db, other }) => {
    const version = () => other.get("PRAGMA data_version")?.["data_version"];
    const before = Number(version());
    const rows = await Promise.all(
      ["a", "b", "c"].map((text) => commit.write(() => insert(db, text))),
    );
    assert.deepEqual(rows, [1, 2, 3]);
    assert.deepEqual(texts(other), ["a", "b", "c"]);
    assert.equal(Number(version()), before + 1);
  });
});

Deno.test("write() lets a refusal fail alone", async () => {
  await withTable(async ({ commit, db, other }) => {
    const outcomes = await Promise.allSettled([
      commit.write(() => insert(db, "a")),
      commit.write(() => {
        throw new CodedError("LEASE_LOST", "no");
      }),
      commit.write(() => insert(db, "c")),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(texts(other), ["a", "c"]);
  });
});

Deno.test("write() undoes a write that broke, and commits those beside it one by one", async () => {
  await withTable(async ({ commit, db, other }) => {
    const outcomes = await Promise.allSettled([
      commit.write(() => insert(db, "a")),
      commit.write(() => {
        insert(db, "half");
        throw new TypeError("broken");
      }),
      commit.write(() => insert(db, "c")),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(texts(other), ["a", "c"]);
  });
});

Deno.test("write() fails as a whole when the disk is full, and works again when there is space", async () => {
  await withTable(async ({ commit, db, other }) => {
    await commit.write(() => insert(db, "before"));
    const pages = Number(db.get("PRAGMA page_count")?.["page_count"]);
    db.get(`PRAGMA max_page_count = ${pages + 2}`);
    const outcomes = await Promise.allSettled([
      commit.write(() => insert(db, "small")),
      commit.write(() => insert(db, "x".repeat(100_000))),
      commit.write(() => insert(db, "after")),
    ]);
    for (const outcome of outcomes.slice(0, 2)) {
      assert.equal(outcome.status === "rejected" && outcome.reason.code, "STORAGE_UNAVAILABLE");
    }
    assert.ok(!texts(other).includes("small"));
    db.get("PRAGMA max_page_count = 100000");
    await commit.write(() => insert(db, "again"));
    assert.ok(texts(other).includes("again"));
  });
});

Deno.test("write() waits for another process that writes, and holds nothing up meanwhile", async () => {
  await withTable(async ({ commit, db, other, clock }) => {
    other.begin();
    const written = commit.write(() => insert(db, "a"));
    await turn();
    await clock.advance(2);
    await clock.advance(2);
    assert.deepEqual(texts(other), []);
    other.rollback();
    await clock.advance(2);
    assert.equal(await written, 1);
  });
});

Deno.test("write() gives up on another process that writes for seconds", async () => {
  await withTable(async ({ commit, db, other, clock }) => {
    other.begin();
    const written = commit.write(() => insert(db, "a"));
    const refused = assert.rejects(written, { code: "STORAGE_UNAVAILABLE" });
    await turn();
    for (let waitedMs = 0; waitedMs <= 5_000; waitedMs += 100) await clock.advance(100);
    await refused;
    other.rollback();
    assert.equal(await commit.write(() => insert(db, "b")), 1);
  });
});

Deno.test("write() gathers few writes for a millisecond while many runs go on", async () => {
  await withTable(async ({ commit, db, other, clock, runs }) => {
    runs.count = 8;
    await commit.write(() => insert(db, "first"));
    const next = commit.write(() => insert(db, "a"));
    await turn();
    const more = commit.write(() => insert(db, "b"));
    await turn();
    assert.deepEqual(texts(other), ["first"]);
    await clock.advance(1);
    await Promise.all([next, more]);
    assert.deepEqual(texts(other), ["first", "a", "b"]);
    // Long enough after the last commit, and then too many to wait for more.
    await clock.advance(1);
    await commit.write(() => insert(db, "c"));
    await Promise.all(
      ["d", "e", "f", "g", "h", "i", "j", "k"].map((text) => commit.write(() => insert(db, text))),
    );
    assert.equal(texts(other).length, 12);
    assert.equal(clock.pending, 0);
  });
});

Deno.test("write() waits for nobody while few runs go on, and no longer once it is closed", async () => {
  await withTable(async ({ commit, db, other, runs }) => {
    for (const text of ["a", "b"]) await commit.write(() => insert(db, text));
    runs.count = 8;
    const last = commit.write(() => insert(db, "c"));
    await turn();
    await commit.close();
    await last;
    assert.deepEqual(texts(other), ["a", "b", "c"]);
  });
});

interface Table {
  readonly db: Database;
  readonly other: Database;
  readonly commit: GroupCommit;
  readonly clock: FakeClock;
  /** How many runs go on. */
  readonly runs: { count: number };
}

async function withTable(body: (table: Table) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const clock = new FakeClock();
  const [db, other] = [new Database(`${dir}/t.db`), new Database(`${dir}/t.db`)];
  try {
    db.get("PRAGMA journal_mode = WAL");
    db.run("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)");
    const runs = { count: 0 };
    const commit = new GroupCommit(db, {
      clock,
      onRollback: () => {},
      activeRuns: () => runs.count,
    });
    await body({ db, other, commit, clock, runs });
    await commit.close();
    await assert.rejects(commit.write(() => 1), { code: "STORAGE_UNAVAILABLE" });
  } finally {
    db.close();
    other.close();
    await Deno.remove(dir, { recursive: true });
  }
}

function insert(db: Database, text: string): number {
  return db.insert("INSERT INTO rows (text) VALUES (?)", text);
}

function texts(db: Database): unknown[] {
  return db.all("SELECT text FROM rows ORDER BY id").map((row) => row["text"]);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
