import { StorageError } from "../storage_error.ts";
import type { Database } from "./database.ts";
import { encodePath } from "./failure.ts";

/** One step from a version of the schema to the next, statement by statement. */
export type Migration = readonly string[];

/** Marks a database file as ours, so that no other program's is ever taken for one: `pdrn`. */
export const APPLICATION_ID = 0x7064726e;

/** Stored pipelines and workflows. Their files lie apart, so that lists do not read over them. */
const STORED_WORKFLOWS: Migration = [
  `CREATE TABLE workflows (
    id INTEGER PRIMARY KEY,
    workflow_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    driver TEXT,
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (name, version)
  )`,
  `CREATE TABLE workflow_files (
    workflow INTEGER PRIMARY KEY,
    files TEXT NOT NULL
  )`,
];

/** What a server keeps beside its runs. Kinds and ids are JSON texts, as any character may be in them. */
const DOCUMENTS: Migration = [
  `CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  )`,
];

/**
 * The steps from an empty file to this engine's schema. A step is never changed once it was released; what is
 * to be different is a step more.
 *
 * `runs` holds what changes and what lists show, so that an append rewrites a short row; what a run
 * was given lies in `run_values`. Events of deleted runs wait in `trash` until they are deleted too,
 * some thousand at a time. Rows of `events` count up over all runs, which is how one engine sees what another
 * has appended. The partial indexes hold unfinished runs only.
 */
export const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE specs (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    spec TEXT NOT NULL
  )`,
    `CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
  )`,
    `CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    workflow_key TEXT NOT NULL,
    spec INTEGER NOT NULL,
    status TEXT NOT NULL,
    partition TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    start_after INTEGER,
    error TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    owner INTEGER,
    token INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0
  )`,
    "CREATE INDEX runs_by_status ON runs (status, created_at, run_id)",
    "CREATE INDEX runs_by_key ON runs (workflow_key, status, created_at, run_id)",
    "CREATE INDEX runs_by_workflow ON runs (workflow, status, created_at, run_id)",
    "CREATE INDEX runs_by_spec ON runs (spec)",
    "CREATE INDEX runs_by_owner ON runs (owner) WHERE owner IS NOT NULL",
    "CREATE INDEX runs_by_end ON runs (completed_at) WHERE completed_at IS NOT NULL",
    "CREATE INDEX runs_by_key_end ON runs (workflow_key, completed_at) WHERE completed_at IS NOT NULL",
    `CREATE TABLE run_values (
    run INTEGER PRIMARY KEY,
    trigger TEXT NOT NULL,
    input TEXT NOT NULL
  )`,
    `CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (run, seq)
  )`,
    "CREATE TABLE trash (run INTEGER PRIMARY KEY)",
    `CREATE TABLE idempotency_keys (
    workflow_key TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT,
    run_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_key, scope, key)
  )`,
    "CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)",
    `CREATE TABLE trigger_states (
    workflow_key TEXT NOT NULL,
    trigger TEXT NOT NULL,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (workflow_key, trigger)
  )`,
  ],
  [
    "ALTER TABLE runs ADD COLUMN deadline_at INTEGER",
  ],
  STORED_WORKFLOWS,
  DOCUMENTS,
];

/**
 * Brings the file to the newest of `migrations`: all steps or none, one process at a time.
 *
 * @throws {StorageError} `STORAGE_TOO_NEW` for a file of a newer pd, `STORAGE_INVALID` for one of another
 *   program; neither is changed
 */
export function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  if (checkVersion(db, migrations.length) === migrations.length) return;
  db.transaction(() => {
    // Another process may have been faster.
    const version = checkVersion(db, migrations.length);
    for (const migration of migrations.slice(version)) {
      for (const statement of migration) db.run(statement);
    }
    db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.run(`PRAGMA user_version = ${migrations.length}`);
  });
}

/**
 * The version of the file, 0 for an empty one.
 *
 * @throws {StorageError} `STORAGE_TOO_NEW`, `STORAGE_INVALID`
 */
export function checkVersion(db: Database, newest: number): number {
  const version = Number(db.get("PRAGMA user_version")?.["user_version"]);
  const isOurs = Number(db.get("PRAGMA application_id")?.["application_id"]) === APPLICATION_ID;
  const isEmpty = () => db.get("SELECT name FROM sqlite_schema LIMIT 1") === undefined;
  if (!isOurs && (version !== 0 || !isEmpty())) {
    throw new StorageError(
      "STORAGE_INVALID",
      `Cannot open "${db.path}" as a storage of runs: it is a database of another program`,
      { fix: `--storage sqlite://${encodePath(db.path)}.runs` },
    );
  }
  if (version > newest) throw tooNew(db.path, version, newest);
  return version;
}

/** What a file of a newer pd is refused with. */
export function tooNew(path: string, version: number, newest: number): StorageError {
  return new StorageError(
    "STORAGE_TOO_NEW",
    `Cannot open "${path}" as version ${newest} of the storage: it has version ${version}, of a newer pd`,
    {
      fix: `Update pd, or start a storage of its own: --storage sqlite://${
        encodePath(path)
      }.v${newest}`,
    },
  );
}
