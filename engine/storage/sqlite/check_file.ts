import { MIGRATIONS, tooNew } from "./migrations.ts";
import type { Database } from "./database.ts";
import { damaged, toStorageError } from "./failure.ts";

/** `bounded` reads a file up to this size whole: some 15 ms. */
const MAX_CHECKED_BYTES = 8 * 1024 * 1024;
/** Of a larger one it reads unfinished runs, then the newest ones, for about so long. */
const MAX_CHECK_MS = 10;
const MAX_CHECKED_RUNS = 200;
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";

/**
 * Looks at the head of a database file (sqlite.org/fileformat.html) before SQLite does, which would begin to write.
 * Answers its size; 0 for one that is not there or empty.
 *
 * @throws {StorageError} `STORAGE_DAMAGED` for a file that is no database or is shorter than it says,
 *   `STORAGE_TOO_NEW`
 */
export function checkHeader(path: string, newest = MIGRATIONS.length): number {
  const header = new Uint8Array(HEADER_BYTES);
  let sizeBytes: number;
  let readBytes: number;
  try {
    using file = Deno.openSync(path, { read: true });
    sizeBytes = file.statSync().size;
    readBytes = file.readSync(header) ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
  if (sizeBytes === 0) return 0;
  if (readBytes < HEADER_BYTES || !new TextDecoder().decode(header).startsWith(MAGIC)) {
    throw damaged(path, "it is not an SQLite database");
  }
  const numbers = new DataView(header.buffer);
  const version = numbers.getUint32(60);
  if (version > newest) throw tooNew(path, version, newest);
  const pageBytes = numbers.getUint16(16) === 1 ? 65_536 : numbers.getUint16(16);
  const isCountValid = numbers.getUint32(24) === numbers.getUint32(92);
  const wantBytes = numbers.getUint32(28) * pageBytes;
  // Pages that are missing here may still lie in the write-ahead log.
  if (isCountValid && sizeBytes < wantBytes && !hasLog(path)) {
    throw damaged(path, `it has ${sizeBytes} of ${wantBytes} bytes`);
  }
  return sizeBytes;
}

/** Writes into the head what can be told without it: that it is a database, and how many pages are there. */
export function mendHeader(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const header = new Uint8Array(HEADER_BYTES);
  if ((file.readSync(header) ?? 0) < HEADER_BYTES) return;
  header.set(new TextEncoder().encode(MAGIC));
  const numbers = new DataView(header.buffer);
  const pageBytes = numbers.getUint16(16) === 1 ? 65_536 : numbers.getUint16(16);
  if (pageBytes >= 512) numbers.setUint32(28, Math.floor(file.statSync().size / pageBytes));
  numbers.setUint32(92, numbers.getUint32(24));
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(header);
}

/**
 * Reads as much of an open database as its size allows, or all of it.
 *
 * @throws {StorageError} `STORAGE_DAMAGED`
 */
export function checkPages(db: Database, extent: "bounded" | "full"): void {
  try {
    const pages = Number(db.get("PRAGMA page_count")?.["page_count"]);
    const pageBytes = Number(db.get("PRAGMA page_size")?.["page_size"]);
    if (extent === "full" || pages * pageBytes <= MAX_CHECKED_BYTES) checkAll(db);
    else checkSome(db);
  } catch (error) {
    throw toStorageError(error, db.path);
  }
}

function checkAll(db: Database): void {
  const problems = db.all("PRAGMA quick_check(3)").map((row) => String(row["quick_check"]));
  if (problems.join() !== "ok") throw damaged(db.path, problems.join("; "));
}

/** The schema, and the runs that an engine goes on with or is asked for first, with their events. */
function checkSome(db: Database): void {
  const runs = [
    ...db.all("SELECT id FROM runs WHERE owner IS NOT NULL LIMIT ?", MAX_CHECKED_RUNS),
    ...db.all("SELECT id FROM runs ORDER BY id DESC LIMIT ?", MAX_CHECKED_RUNS),
  ];
  const startedMs = performance.now();
  for (const { id } of runs) {
    db.get("SELECT * FROM runs JOIN run_values ON run = id WHERE id = ?", Number(id));
    db.all("SELECT * FROM events WHERE run = ? ORDER BY seq DESC LIMIT 20", Number(id));
    if (performance.now() - startedMs > MAX_CHECK_MS) break;
  }
  for (const table of ["specs", "owners", "trigger_states", "workflows", "documents"]) {
    db.get(`SELECT count(*) FROM (SELECT * FROM ${table} LIMIT 1000)`);
  }
}

function hasLog(path: string): boolean {
  try {
    return Deno.statSync(`${path}-wal`).size > 0;
  } catch {
    return false;
  }
}
