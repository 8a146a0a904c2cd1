import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { toStorageError } from "./failure.ts";

/** A row as SQLite gives it. */
export type Row = { readonly [column: string]: string | number | bigint | null | Uint8Array };

/** What a statement takes. */
export type Value = string | number | null;

/** An open database file: statements are prepared once, errors say what the storage says. */
export class Database {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = true;

  /** @throws {StorageError} when the file cannot be opened */
  constructor(path: string) {
    this.path = path;
    try {
      this.#db = new DatabaseSync(path, { timeout: 0 });
    } catch (error) {
      throw toStorageError(error, path);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return Number(this.#statement(sql).run(...values as SQLInputValue[]).changes);
  }

  /** Inserts a row; answers its number. */
  insert(sql: string, ...values: readonly Value[]): number {
    return Number(this.#statement(sql).run(...values as SQLInputValue[]).lastInsertRowid);
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#statement(sql).get(...values as SQLInputValue[]) as Row | undefined;
  }

  all(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#statement(sql).all(...values as SQLInputValue[]) as unknown as readonly Row[];
  }

  /** All of `body` or nothing. Another process that writes is not waited for: the error then says so. */
  transaction<T>(body: () => T): T {
    this.begin();
    try {
      const result = body();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  begin(): void {
    this.run("BEGIN IMMEDIATE");
  }

  commit(): void {
    this.run("COMMIT");
  }

  /** Ends a transaction that failed. SQLite has ended it by itself when the disk is full. */
  rollback(): void {
    try {
      this.run("ROLLBACK");
    } catch {
      // There is none any more.
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
