import type { Clock } from "../../clock/mod.ts";
import type { Lease, Owner } from "../records.ts";
import { arrayOf, type Database } from "./database.ts";

/**
 * Leases of the engines that own runs through this storage. An engine has one lease for all of its runs,
 * so that renewing it is one row whatever it owns; which run belongs to whom is told by the run's token.
 */
export class OwnerLeases {
  readonly #db: Database;
  readonly #clock: Clock;
  /** By owner: when our lease was renewed last, by the monotonic clock. */
  readonly #renewedAt = new Map<string, number>();
  readonly #renewing = new Map<string, Promise<void>>();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Makes sure of a lease before the owner gets a run; asks the server only when it has aged. */
  async hold(owner: Owner): Promise<void> {
    const renewedAt = this.#renewedAt.get(owner.id);
    const isFresh = renewedAt !== undefined &&
      this.#clock.monotonic() - renewedAt < this.#db.address.leaseMs / 3;
    if (!isFresh) await this.renew(owner);
  }

  /** Extends the lease from this moment of the server's clock. Calls of one moment are one. */
  renew(owner: Owner): Promise<void> {
    const running = this.#renewing.get(owner.id);
    if (running !== undefined) return running;
    const renewing = this.#renew(owner).finally(() => this.#renewing.delete(owner.id));
    this.#renewing.set(owner.id, renewing);
    return renewing;
  }

  /** Of these runs, those that the owner has no more. */
  async lostOf(owner: Owner, runIds: readonly string[]): Promise<readonly string[]> {
    if (runIds.length === 0) return [];
    const { schema } = this.#db.address;
    const rows = await this.#db.query({
      text: `SELECT i.run_id FROM unnest($2::text[]) AS i(run_id)
        LEFT JOIN ${schema}.runs r ON r.run_id = i.run_id AND r.owner_id = $1
        WHERE r.run_id IS NULL`,
      values: [owner.id, arrayOf(runIds)],
    });
    return rows.map((row) => String(row["run_id"]));
  }

  /** Gives a run up. With a lease of the past it changes nothing. */
  async release({ runId, token, ownerId }: Lease): Promise<void> {
    await this.#db.query({
      text: `UPDATE ${this.#db.address.schema}.runs SET owner_id = NULL, owner = NULL
        WHERE run_id = $1 AND token = $2::bigint AND owner_id = $3`,
      values: [runId, token, ownerId],
    });
  }

  async #renew(owner: Owner): Promise<void> {
    const { schema, leaseMs } = this.#db.address;
    const askedAt = this.#clock.monotonic();
    await this.#db.query({
      text: `INSERT INTO ${schema}.owners (owner_id, lease_until)
        VALUES ($1, clock_timestamp() + $2::int * interval '1 ms')
        ON CONFLICT (owner_id) DO UPDATE SET lease_until = excluded.lease_until`,
      values: [owner.id, Math.ceil(leaseMs)],
    });
    this.#renewedAt.set(owner.id, askedAt);
  }
}
