import { StorageError } from "../storage_error.ts";
import type { Database } from "./database.ts";
import { pipelineViews } from "./views.ts";

/** Stored pipelines and workflows. */
function storedWorkflows(schema: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${schema}.workflows (
      workflow_id text NOT NULL,
      name text COLLATE "C" NOT NULL,
      version integer NOT NULL,
      kind text NOT NULL,
      driver text,
      source text NOT NULL,
      hash text NOT NULL,
      created_at bigint NOT NULL,
      files text NOT NULL,
      write_id text NOT NULL,
      PRIMARY KEY (name, version)
    );`;
}

/** What a server keeps beside its runs. Kinds and ids are JSON texts, as any character may be in them. */
function documents(schema: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${schema}.documents (
      kind text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      value text NOT NULL,
      revision bigint NOT NULL,
      updated_at bigint NOT NULL,
      write_id text NOT NULL,
      PRIMARY KEY (kind, id)
    );
    ${pipelineViews(schema)}`;
}

/** Each entry leads from one version to the next and is never changed once it was released. */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (s) => `
    CREATE TABLE ${s}.specs (
      hash text PRIMARY KEY,
      spec text NOT NULL
    );
    CREATE TABLE ${s}.owners (
      owner_id text PRIMARY KEY,
      lease_until timestamptz NOT NULL
    );
    CREATE TABLE ${s}.runs (
      run_id text COLLATE "C" PRIMARY KEY,
      workflow text NOT NULL,
      version text NOT NULL,
      workflow_key text NOT NULL,
      spec_hash text NOT NULL REFERENCES ${s}.specs,
      status text NOT NULL,
      input text NOT NULL,
      trigger text NOT NULL,
      partition text,
      created_at bigint NOT NULL,
      started_at bigint,
      completed_at bigint,
      start_after bigint,
      error text,
      cancel_requested boolean NOT NULL DEFAULT false,
      owner_id text,
      owner text,
      token bigint NOT NULL DEFAULT 1,
      claim_id text,
      last_seq integer NOT NULL DEFAULT 0
    ) WITH (fillfactor = 80);
    CREATE INDEX runs_workflow_key ON ${s}.runs (workflow_key, run_id);
    CREATE INDEX runs_workflow ON ${s}.runs (workflow, run_id);
    CREATE INDEX runs_status ON ${s}.runs (status, run_id);
    CREATE INDEX runs_spec ON ${s}.runs (spec_hash);
    CREATE INDEX runs_unfinished ON ${s}.runs (workflow_key, created_at, run_id)
      WHERE status IN ('queued', 'running', 'interrupted');
    CREATE INDEX runs_owner ON ${s}.runs (owner_id) WHERE owner_id IS NOT NULL;
    CREATE INDEX runs_cancel_requested ON ${s}.runs (run_id)
      WHERE cancel_requested AND status IN ('queued', 'running', 'interrupted');
    CREATE INDEX runs_completed ON ${s}.runs (completed_at) WHERE completed_at IS NOT NULL;
    CREATE TABLE ${s}.events (
      run_id text COLLATE "C" NOT NULL,
      seq integer NOT NULL,
      event text NOT NULL,
      stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (run_id, seq)
    );
    CREATE INDEX events_stored ON ${s}.events USING brin (stored_at) WITH (autosummarize = on);
    CREATE TABLE ${s}.idempotency_keys (
      key_hash text PRIMARY KEY,
      run_id text COLLATE "C" NOT NULL,
      fingerprint text,
      expires_at bigint NOT NULL
    );
    CREATE INDEX idempotency_keys_run ON ${s}.idempotency_keys (run_id);
    CREATE INDEX idempotency_keys_expiry ON ${s}.idempotency_keys (expires_at);
    CREATE TABLE ${s}.trigger_states (
      workflow_key text NOT NULL,
      trigger text NOT NULL,
      value text NOT NULL,
      revision bigint NOT NULL,
      write_id text NOT NULL,
      PRIMARY KEY (workflow_key, trigger)
    );`,
  (s) => `ALTER TABLE ${s}.runs ADD COLUMN deadline_at bigint;`,
  storedWorkflows,
  documents,
];

/** The version that this engine writes. */
export const VERSION: number = MIGRATIONS.length;

/**
 * Brings the schema to this engine's version. Engines that start at once wait for each other.
 *
 * @throws {StorageError} `STORAGE_TOO_NEW`, `STORAGE_INVALID`
 */
export async function migrate(db: Database): Promise<void> {
  const { schema } = db.address;
  if (await versionOf(db) === VERSION) return;
  await db.transaction(async (run) => {
    await run(`SELECT pg_advisory_xact_lock(hashtext('pipedreamer'), hashtext('${schema}'))`);
    // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even when it is there.
    const [there] = await run(`SELECT to_regnamespace('${schema}') IS NOT NULL AS is`);
    if (there?.["is"] !== true) await run(`CREATE SCHEMA ${schema}`);
    await run(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (
        version integer PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`,
    );
    const [row] = await run(`SELECT coalesce(max(version), 0) AS v FROM ${schema}.migrations`);
    for (let version = Number(row?.["v"]); version < VERSION; version++) {
      await run(MIGRATIONS[version]?.(schema) ?? "");
      await run(`INSERT INTO ${schema}.migrations (version) VALUES (${version + 1})`);
    }
  });
  // Somebody newer may have been faster.
  await versionOf(db);
}

/** 0 when there is nothing yet. */
async function versionOf(db: Database): Promise<number> {
  const { schema, shown } = db.address;
  const [head] = await db.query({
    text: `SELECT current_setting('server_encoding') AS encoding,
      to_regclass('${schema}.migrations') IS NOT NULL AS is_there`,
    values: [],
  }, 0);
  if (head?.["encoding"] !== "UTF8") {
    throw new StorageError(
      "STORAGE_INVALID",
      `Cannot use storage "${shown}" as the database of runs: its encoding is ${
        head?.["encoding"]
      }`,
      { fix: `createdb -E UTF8 -T template0 pipedreamer` },
    );
  }
  if (head["is_there"] !== true) return 0;
  const text = `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`;
  const [row] = await db.query({ text, values: [] }, 0);
  const version = Number(row?.["version"]);
  if (version <= VERSION) return version;
  throw new StorageError(
    "STORAGE_TOO_NEW",
    `Cannot open storage "${shown}" as version ${VERSION}: a newer pd has made it version ${version}`,
    { fix: `Update pd, or take another schema: --storage "…?schema=${schema}_2"` },
  );
}
