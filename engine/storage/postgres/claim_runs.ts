import type { WorkflowSpec } from "../../spec/mod.ts";
import type { Lease, Owner, StoredRun } from "../records.ts";
import { arrayOf, type Database, type Row } from "./database.ts";
import { json, RECORD_COLUMNS, toRecord } from "./rows.ts";

/** A run and the right to write it. */
export interface Claimed {
  readonly run: StoredRun;
  readonly lease: Lease;
}

/** Which runs, and how many of them. */
export interface ClaimOptions {
  readonly workflowKey?: string;
  readonly runId?: string;
  readonly limit: number;
}

/** Takes up runs that no living engine owns. */
export class RunClaimer {
  readonly #db: Database;
  /** Claims whose answer was lost, by id, and whose they were. */
  readonly #forgotten = new Map<string, string>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Takes unfinished runs whose owner's lease is over, until there are enough or no more. */
  async claim(owner: Owner, { limit, ...which }: ClaimOptions): Promise<readonly Claimed[]> {
    const claimId = crypto.randomUUID();
    const rows = new Map<string, Row>();
    try {
      for (;;) {
        const left = limit - rows.size;
        const more = await claimRows(this.#db, owner, { ...which, limit: left, claimId });
        for (const row of more) rows.set(String(row["run_id"]), row);
        // What another engine was just about to take makes a try come back with less than there is.
        if (more.length === 0 || more.length >= left) break;
      }
      const specs = await readSpecs(this.#db, rows.values());
      return [...rows.values()]
        .map((row) => toClaimed(row, owner, specs))
        .sort((a, b) => a.run.createdAt - b.run.createdAt || (a.run.runId < b.run.runId ? -1 : 1));
    } catch (error) {
      this.#forgotten.set(claimId, owner.id);
      throw error;
    }
  }

  /** Gives back runs that were claimed for a caller who never heard of it. Call when the server answers. */
  async undoForgotten(): Promise<void> {
    for (const [claimId, ownerId] of this.#forgotten) {
      await this.#db.query({
        text: `UPDATE ${this.#db.address.schema}.runs SET owner_id = NULL, owner = NULL
          WHERE owner_id = $1 AND claim_id = $2`,
        values: [ownerId, claimId],
      });
      this.#forgotten.delete(claimId);
    }
  }
}

function toClaimed(
  row: Row,
  owner: Owner,
  specs: ReadonlyMap<string, WorkflowSpec>,
): Claimed {
  const spec = specs.get(String(row["spec_hash"])) as WorkflowSpec;
  const run = { ...toRecord(row), spec, input: json(row["input"]) as StoredRun["input"] };
  return { run, lease: { runId: run.runId, ownerId: owner.id, token: Number(row["token"]) } };
}

/**
 * One try. `picked` locks what nobody else is about to take. A run that changed hands since the statement
 * began has another token than in `before`, the statement's own view of the past, and stays with its new owner
 * (a join instead of the subquery takes 13 s for 10 000 runs, this 0.4 s).
 * A repetition finds again what the try before may have taken.
 */
async function claimRows(
  db: Database,
  owner: Owner,
  options: ClaimOptions & { readonly claimId: string },
): Promise<readonly Row[]> {
  const { schema: s } = db.address;
  return await db.query((isRepeat) => ({
    text: `WITH picked AS MATERIALIZED (
        SELECT r.run_id, r.token FROM ${s}.runs r
        WHERE r.status IN ('queued', 'running', 'interrupted')
          AND ($4::text IS NULL OR r.workflow_key = $4) AND ($5::text IS NULL OR r.run_id = $5)
          AND (${isRepeat ? "(r.claim_id = $3 AND r.owner_id = $1) OR " : ""}coalesce(
            (SELECT o.lease_until FROM ${s}.owners o WHERE o.owner_id = r.owner_id), '-infinity'
          ) <= clock_timestamp())
        ORDER BY r.created_at, r.run_id LIMIT $6
        FOR UPDATE OF r SKIP LOCKED
      )
      UPDATE ${s}.runs r SET owner_id = $1, owner = $2, claim_id = $3,
        token = CASE WHEN r.claim_id = $3 THEN r.token ELSE r.token + 1 END
      FROM picked p
      WHERE r.run_id = p.run_id
        AND p.token = (SELECT before.token FROM ${s}.runs before WHERE before.run_id = p.run_id)
      RETURNING ${RECORD_COLUMNS}, r.input, r.spec_hash, r.token`,
    values: [
      owner.id,
      JSON.stringify(owner),
      options.claimId,
      options.workflowKey ?? null,
      options.runId ?? null,
      options.limit,
    ],
  }));
}

/** Each spec once, however many runs have it. */
async function readSpecs(
  db: Database,
  rows: Iterable<Row>,
): Promise<ReadonlyMap<string, WorkflowSpec>> {
  const hashes = [...new Set(Array.from(rows, (row) => String(row["spec_hash"])))];
  if (hashes.length === 0) return new Map();
  const specs = await db.query({
    text: `SELECT hash, spec FROM ${db.address.schema}.specs WHERE hash = ANY($1::text[])`,
    values: [arrayOf(hashes)],
  });
  return new Map(
    specs.map((row) => [String(row["hash"]), json(row["spec"]) as WorkflowSpec]),
  );
}
