import { createHash } from "node:crypto";
import type { Clock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { WorkflowSpec } from "../../spec/mod.ts";
import type { Created, Idempotency, KeyedRun, NewRun, Owner } from "../records.ts";
import { type Database, isDoubtful, type Parameter } from "./database.ts";
import type { OwnerLeases } from "./owner_leases.ts";
import { quoted } from "./rows.ts";

const MAX_KNOWN_SPECS = 10_000;

/** Accepts runs: each is one statement, and so is its idempotency key. */
export class RunCreator {
  readonly #db: Database;
  readonly #leases: OwnerLeases;
  readonly #clock: Clock;
  readonly #specs = new WeakMap<WorkflowSpec, { readonly hash: string; readonly text: string }>();
  /** Hashes of specs that are stored. */
  readonly #known = new Set<string>();
  /** Runs that may have been created for a caller who was told that they were not. */
  readonly #doubtful = new Set<string>();

  constructor(db: Database, { leases, clock }: { leases: OwnerLeases; clock: Clock }) {
    this.#db = db;
    this.#leases = leases;
    this.#clock = clock;
  }

  async create(run: NewRun, owner: Owner): Promise<Created> {
    await this.#leases.hold(owner);
    const mayBeThere = this.#doubtful.delete(run.runId);
    for (;;) {
      const row = await this.#insert(run, { owner, mayBeThere });
      if (row.specIsGone) continue;
      if (row.isCreated) {
        return { status: "created", lease: { runId: run.runId, ownerId: owner.id, token: 1 } };
      }
      if (!row.isAlive) {
        await this.#leases.renew(owner);
        continue;
      }
      if (run.idempotency === undefined) throw taken(run);
      const existing = await this.findKeyed(run.workflowKey, run.idempotency);
      if (existing !== undefined) return { status: "exists", ...existing };
    }
  }

  /** The run that has the key; `undefined` when there is none, or it went away meanwhile. */
  async findKeyed(
    workflowKey: string,
    { scope, key, fingerprint }: Pick<Idempotency, "scope" | "key" | "fingerprint">,
  ): Promise<KeyedRun | undefined> {
    const { schema } = this.#db.address;
    const [row] = await this.#db.query({
      text: `SELECT run_id, fingerprint FROM ${schema}.idempotency_keys
        WHERE key_hash = $1 AND expires_at > $2`,
      values: [keyHash(workflowKey, scope, key), this.#clock.now()],
    });
    if (row === undefined) return undefined;
    return {
      runId: String(row["run_id"]),
      sameFingerprint: row["fingerprint"] === quoted(fingerprint),
    };
  }

  /** Somebody has found the run there, and sees to it. */
  isSeenTo(runId: string): void {
    this.#doubtful.delete(runId);
  }

  /** Takes back what nobody knows of: a run whose acceptance was reported as failed. Call when the server answers. */
  async undoDoubtful(): Promise<void> {
    if (this.#doubtful.size === 0) return;
    const { schema } = this.#db.address;
    const runIds = [...this.#doubtful];
    for (const runId of runIds) {
      await this.#db.query({
        text: `WITH gone AS (
            DELETE FROM ${schema}.runs WHERE run_id = $1 AND token = 1 AND last_seq = 0 RETURNING run_id
          ) DELETE FROM ${schema}.idempotency_keys WHERE run_id IN (SELECT run_id FROM gone)`,
        values: [runId],
      });
      this.#doubtful.delete(runId);
    }
  }

  async #insert(
    run: NewRun,
    { owner, mayBeThere }: { readonly owner: Owner; readonly mayBeThere: boolean },
  ): Promise<{ isCreated: boolean; isAlive: boolean; specIsGone: boolean }> {
    const { schema } = this.#db.address;
    const spec = this.#specOf(run.spec);
    const isKnown = this.#known.has(spec.hash);
    const values: Parameter[] = [
      run.runId,
      run.workflow,
      run.version,
      run.workflowKey,
      spec.hash,
      run.status,
      JSON.stringify(run.input),
      JSON.stringify(run.trigger),
      quoted(run.partition),
      run.createdAt,
      run.startAfter ?? null,
      owner.id,
      JSON.stringify(owner),
      run.deadlineAt ?? null,
    ];
    if (!isKnown) values.push(spec.text);
    const { idempotency } = run;
    if (idempotency !== undefined) {
      const { scope, key, fingerprint, expiresAt } = idempotency;
      values.push(
        keyHash(run.workflowKey, scope, key),
        quoted(fingerprint),
        expiresAt,
        this.#clock.now(),
      );
    }
    try {
      const [row] = await this.#db.query((isRepeat) => ({
        text: insertText(schema, {
          hasSpec: !isKnown,
          hasKey: idempotency !== undefined,
          isRepeat: isRepeat || mayBeThere,
        }),
        values,
      }));
      const isAlive = row?.["is_alive"] === true;
      if (isAlive) this.#remember(spec.hash);
      return { isAlive, isCreated: row?.["is_created"] === true, specIsGone: false };
    } catch (error) {
      // Retention deletes specs that no run has; ours may have been one.
      if (isKnown && violates(error, "23503")) {
        this.#known.delete(spec.hash);
        return { isAlive: true, isCreated: false, specIsGone: true };
      }
      if (violates(error, "23505")) throw taken(run);
      if (isDoubtful(error)) this.#doubtful.add(run.runId);
      throw error;
    }
  }

  #remember(hash: string): void {
    if (this.#known.size >= MAX_KNOWN_SPECS) this.#known.clear();
    this.#known.add(hash);
  }

  #specOf(spec: WorkflowSpec): { readonly hash: string; readonly text: string } {
    const known = this.#specs.get(spec);
    if (known !== undefined) return known;
    const text = JSON.stringify(spec);
    const made = { hash: createHash("sha256").update(text).digest("hex"), text };
    this.#specs.set(spec, made);
    return made;
  }
}

/** Keys may be long and hold anything; what is compared is their hash. */
function keyHash(workflowKey: string, scope: string, key: string): string {
  return createHash("sha256").update(JSON.stringify([workflowKey, scope, key])).digest("hex");
}

function taken(run: NewRun): CodedError {
  const message = `Cannot create run "${run.runId}" as a new one: there is a run of that id`;
  return new CodedError("INTERNAL", message);
}

function violates(error: unknown, code: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === code;
}

/**
 * `accepted` is empty when the owner's lease is over or the key is taken by another run. On a repetition, a run
 * that is there with our owner and its first token is our own, from a try whose answer was lost.
 */
function insertText(
  s: string,
  { hasSpec, hasKey, isRepeat }: {
    readonly hasSpec: boolean;
    readonly hasKey: boolean;
    readonly isRepeat: boolean;
  },
): string {
  const keyAt = hasSpec ? 16 : 15;
  return `WITH alive AS MATERIALIZED (
      SELECT FROM ${s}.owners WHERE owner_id = $12 AND lease_until > clock_timestamp()
    )${
    hasSpec
      ? `, spec AS (
      INSERT INTO ${s}.specs (hash, spec) SELECT $5, $15 FROM alive ON CONFLICT DO NOTHING
    )`
      : ""
  }, accepted AS (${
    hasKey
      ? `
      INSERT INTO ${s}.idempotency_keys AS k (key_hash, run_id, fingerprint, expires_at)
      SELECT $${keyAt}, $1, $${keyAt + 1}, $${keyAt + 2}::bigint FROM alive
      ON CONFLICT (key_hash) DO UPDATE SET
        run_id = excluded.run_id, fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
      WHERE k.expires_at <= $${keyAt + 3}::bigint OR k.run_id = excluded.run_id
      RETURNING k.run_id`
      : `
      SELECT $1 AS run_id FROM alive`
  }
    ), created AS (
      INSERT INTO ${s}.runs AS r (run_id, workflow, version, workflow_key, spec_hash, status, input, trigger,
        partition, created_at, started_at, start_after, owner_id, owner, deadline_at, token)
      SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bigint,
        CASE WHEN $6 = 'running' THEN $10::bigint END, $11::bigint, $12, $13, $14::bigint, 1 FROM accepted
      ${
    isRepeat
      ? `ON CONFLICT (run_id) DO UPDATE SET run_id = excluded.run_id
      WHERE r.owner_id = excluded.owner_id AND r.token = 1`
      : ""
  }
      RETURNING r.run_id
    )
    SELECT EXISTS (SELECT FROM alive) AS is_alive, EXISTS (SELECT FROM created) AS is_created`;
}
