import { Database, type Row, type Value } from "./database.ts";
import { mendHeader } from "./check_file.ts";
import { lost } from "./failure.ts";
import { makePrivate } from "./file_modes.ts";
import { migrate, type Migration } from "./migrations.ts";

/** Rows that are read in one go; a page that cannot be read is found by halving. */
const RANGE = 512;
/** No row takes less of a page. */
const MIN_ROW_BYTES = 16;
const SUFFIXES = ["", "-wal"];

/** Tables in the order in which rows need each other; columns that must be JSON, or nothing, to be of use. */
const TABLES: readonly { readonly name: string; readonly json: readonly string[] }[] = [
  { name: "specs", json: ["spec"] },
  { name: "owners", json: [] },
  { name: "runs", json: ["partition", "error"] },
  { name: "run_values", json: ["trigger", "input"] },
  { name: "events", json: ["body"] },
  { name: "idempotency_keys", json: [] },
  { name: "trigger_states", json: ["value"] },
  { name: "workflows", json: ["driver", "source"] },
  { name: "workflow_files", json: ["files"] },
  { name: "documents", json: ["kind", "id", "value"] },
];

/**
 * Makes a new file of all that can still be read of a damaged one, and puts the damaged files aside, into
 * `<path>.damaged-<now>`. A run that is not over and has lost events ends as failed, as nobody can say
 * which of its nodes are done. Changes nothing when nothing can be read.
 *
 * @throws {StorageError} `STORAGE_DAMAGED` when not even the tables can be found
 */
export function recover(
  path: string,
  { now, migrations }: { readonly now: number; readonly migrations: readonly Migration[] },
): void {
  const [copy, fresh, aside] = [`${path}.copy`, `${path}.recovered`, `${path}.damaged-${now}`];
  removeFiles(copy);
  removeFiles(fresh);
  try {
    for (const suffix of SUFFIXES) copyFile(path + suffix, copy + suffix);
    mendHeader(copy);
    makePrivate(fresh);
    const to = new Database(fresh);
    try {
      migrate(to, migrations);
      const from = new Database(copy);
      try {
        to.transaction(() => copyTables(from, to, now));
      } finally {
        from.close();
      }
    } finally {
      to.close();
    }
    Deno.mkdirSync(aside, { mode: 0o700 });
    for (const suffix of [...SUFFIXES, "-shm"]) moveFile(path + suffix, aside);
    Deno.renameSync(fresh, path);
  } catch (error) {
    throw lost(path, error);
  } finally {
    removeFiles(copy);
    removeFiles(fresh);
  }
}

function copyTables(from: Database, to: Database, now: number): void {
  let found = 0;
  for (const { name, json } of TABLES) {
    const columns = to.all(`SELECT name FROM pragma_table_info('${name}')`).map((row) =>
      row["name"]
    );
    const sql = `INSERT OR IGNORE INTO ${name} (${columns.join(", ")}) VALUES (${
      columns.map(() => "?").join(", ")
    })`;
    const upTo = lastRow(from, name);
    if (upTo === undefined) continue;
    found++;
    for (let low = 0; low <= upTo; low += RANGE) {
      for (const row of readRange(from, name, [low, low + RANGE - 1])) {
        if (json.some((column) => row[column] !== null && !isJson(row[column]))) continue;
        to.run(sql, ...columns.map((column) => row[String(column)] as Value ?? null));
      }
    }
  }
  if (found === 0) throw new Error("none of them can be found");
  dropWhatLacksParts(to, now);
}

/** The largest number of a row, or one that none can exceed; `undefined` when there is no such table. */
function lastRow(db: Database, table: string): number | undefined {
  try {
    return Number(db.get(`SELECT max(rowid) AS last FROM ${table}`)?.["last"] ?? 0);
  } catch {
    try {
      const pages = Number(db.get("PRAGMA page_count")?.["page_count"]);
      const pageBytes = Number(db.get("PRAGMA page_size")?.["page_size"]);
      db.get(`SELECT rowid FROM ${table} WHERE rowid = -1`);
      return pages * Math.ceil(pageBytes / MIN_ROW_BYTES);
    } catch {
      return undefined;
    }
  }
}

function readRange(
  db: Database,
  table: string,
  [low, high]: readonly [number, number],
): readonly Row[] {
  try {
    return db.all(`SELECT * FROM ${table} WHERE rowid BETWEEN ? AND ?`, low, high);
  } catch {
    if (low === high) return [];
    const middle = Math.floor((low + high) / 2);
    return [...readRange(db, table, [low, middle]), ...readRange(db, table, [middle + 1, high])];
  }
}

/** Stored workflows need their files. Runs need their values and their spec; events need their run and all events before them. */
function dropWhatLacksParts(db: Database, now: number): void {
  db.run(`DELETE FROM runs WHERE id NOT IN (SELECT run FROM run_values)
    OR spec NOT IN (SELECT id FROM specs)
    OR status NOT IN ('queued', 'running', 'interrupted', 'succeeded', 'failed', 'cancelled')`);
  db.run("DELETE FROM run_values WHERE run NOT IN (SELECT id FROM runs)");
  db.run("DELETE FROM events WHERE run NOT IN (SELECT id FROM runs)");
  db.run("UPDATE runs SET owner = NULL WHERE owner NOT IN (SELECT id FROM owners)");
  // The number of an event within what is left differs from its own behind the first that is missing.
  db.run(`DELETE FROM events WHERE id IN (SELECT id FROM (
    SELECT id, seq, row_number() OVER (PARTITION BY run ORDER BY seq) AS place FROM events
  ) WHERE seq <> place)`);
  db.run(
    `UPDATE runs SET status = 'failed', completed_at = ?, owner = NULL,
       error = '"STORAGE_DAMAGED: Cannot go on with the run as its events are incomplete: some were lost"'
     WHERE status IN ('queued', 'running', 'interrupted')
       AND last_seq <> (SELECT count(*) FROM events WHERE run = runs.id)`,
    now,
  );
  db.run("DELETE FROM workflows WHERE id NOT IN (SELECT workflow FROM workflow_files)");
  db.run("DELETE FROM workflow_files WHERE workflow NOT IN (SELECT id FROM workflows)");
  db.run("UPDATE runs SET last_seq = (SELECT count(*) FROM events WHERE run = runs.id)");
}

function isJson(column: Row[string] | undefined): boolean {
  try {
    JSON.parse(String(column));
    return typeof column === "string";
  } catch {
    return false;
  }
}

function copyFile(from: string, to: string): void {
  try {
    Deno.copyFileSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function moveFile(path: string, folder: string): void {
  try {
    Deno.renameSync(path, folder + path.slice(path.lastIndexOf("/")));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeFiles(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    try {
      Deno.removeSync(path + suffix);
    } catch {
      // It is not there.
    }
  }
}
