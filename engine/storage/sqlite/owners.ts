import type { Owner } from "../records.ts";
import type { Database } from "./database.ts";
import { toOwner } from "./rows.ts";

/** An owner and the number of its row. */
export interface NumberedOwner {
  readonly number: number;
  readonly owner: Owner;
}

/** The engines that own runs, by the number of their row. */
export class Owners {
  readonly #db: Database;
  readonly #numbers = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The row of an owner; made when there is none. Within a transaction. */
  numberOf(owner: Owner): number {
    const known = this.#numbers.get(owner.id) ?? this.find(owner.id);
    const number = known ?? this.#db.insert(
      "INSERT INTO owners (owner_id, host, pid, started_at) VALUES (?, ?, ?, ?)",
      owner.id,
      owner.host,
      owner.pid,
      owner.startedAt,
    );
    this.#numbers.set(owner.id, number);
    return number;
  }

  /** The row of an owner by its id, if there is one. */
  find(ownerId: string): number | undefined {
    const known = this.#numbers.get(ownerId);
    if (known !== undefined) return known;
    const row = this.#db.get("SELECT id FROM owners WHERE owner_id = ?", ownerId);
    return row === undefined ? undefined : Number(row["id"]);
  }

  /** Rows are forgotten when the transaction that made them is rolled back. */
  forget(): void {
    this.#numbers.clear();
  }

  /** Owners of runs that are not over. */
  busy(): readonly NumberedOwner[] {
    return this.#select("EXISTS (SELECT 1 FROM runs WHERE owner = owners.id)");
  }

  /** Owners without such a run. */
  idle(): readonly NumberedOwner[] {
    return this.#select("NOT EXISTS (SELECT 1 FROM runs WHERE owner = owners.id)");
  }

  #select(where: string): readonly NumberedOwner[] {
    return this.#db.all(
      `SELECT id, owner_id, host, pid, started_at AS owner_started_at FROM owners WHERE ${where}`,
    ).map((row) => ({ number: Number(row["id"]), owner: toOwner(row) }));
  }
}
