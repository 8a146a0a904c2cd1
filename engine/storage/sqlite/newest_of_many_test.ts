import assert from "node:assert/strict";
import fc from "fast-check";
import { Database, type Row, type Value } from "./database.ts";
import { newestOfMany } from "./newest_of_many.ts";

const NOTHING_MORE = { where: "", values: [] };

/** Counts the rows that were read. */
class CountingDatabase extends Database {
  rows = 0;

  override all(sql: string, ...values: readonly Value[]): readonly Row[] {
    const rows = super.all(sql, ...values);
    this.rows += rows.length;
    return rows;
  }
}

/** A table of runs, each of a workflow and a moment. */
function tableOf(runs: readonly (readonly [workflowKey: string, createdAt: number])[]) {
  const db = new CountingDatabase(":memory:");
  db.run(
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, workflow_key TEXT, status TEXT, created_at INTEGER, run_id TEXT)",
  );
  db.run("CREATE INDEX runs_by_key ON runs (workflow_key, status, created_at, run_id)");
  db.begin();
  for (const [index, [workflowKey, createdAt]] of runs.entries()) {
    db.run(
      "INSERT INTO runs (workflow_key, status, created_at, run_id) VALUES (?, 'failed', ?, ?)",
      workflowKey,
      createdAt,
      `run ${String(index).padStart(6, "0")}`,
    );
  }
  db.commit();
  const lines = [...new Set(runs.map(([workflowKey]) => workflowKey))]
    .map((workflowKey) => ({ workflowKey, status: "failed" }));
  return { db, lines };
}

Deno.test("newestOfMany() finds what one sorted list would begin with, whatever the lines are like", () => {
  const run = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 0, max: 60 }));
  fc.assert(fc.property(
    fc.array(run, { maxLength: 150 }),
    fc.integer({ min: 1, max: 60 }),
    (runs, limit) => {
      const { db, lines } = tableOf(runs);
      try {
        const wanted = db.all(
          "SELECT id FROM runs ORDER BY created_at DESC, run_id DESC LIMIT ?",
          limit,
        ).map(({ id }) => id);
        assert.deepEqual(newestOfMany(db, lines, { ...NOTHING_MORE, limit }), wanted);
      } finally {
        db.close();
      }
    },
  ));
});

Deno.test("newestOfMany() reads few more rows than the page has, however long the lines are", () => {
  // Forty quiet workflows, and one that has most of the newest.
  const runs = Array.from(
    { length: 20_000 },
    (_, i) => [i % 5 === 0 ? "busy" : `w${i % 41}`, i] as const,
  );
  const { db, lines } = tableOf(runs);
  try {
    const limit = 400;
    assert.equal(newestOfMany(db, lines, { ...NOTHING_MORE, limit }).length, limit);
    assert.ok(db.rows <= 4 * limit, `${db.rows} rows were read`);
  } finally {
    db.close();
  }
});
