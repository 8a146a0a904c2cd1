import type { Clock } from "../../clock/mod.ts";
import type { Database } from "./database.ts";

/** How often another process's commits are looked for, while somebody listens: a few µs each. */
const POLL_MS = 50;
const PAGE = 1_000;

/** Tells listeners of new events: of our own at once, of other processes' by looking. */
export class Changes {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #listeners = new Set<(runId: string) => void>();
  #stopPolling: (() => void) | undefined;
  #version = 0;
  #lastRow = 0;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  listen(listener: (runId: string) => void): () => void {
    // A function may listen twice: each gets an entry of its own.
    const entry = (runId: string) => listener(runId);
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Events of this run were committed by us. */
  notify(runId: string): void {
    for (const listener of [...this.#listeners]) listener(runId);
  }

  close(): void {
    this.#stopPolling?.();
    this.#stopPolling = undefined;
  }

  #begin(): void {
    this.#version = this.#readVersion();
    this.#lastRow = Number(this.#db.get("SELECT max(id) AS id FROM events")?.["id"] ?? 0);
    this.#schedule();
  }

  #schedule(): void {
    this.#stopPolling = this.#clock.after(POLL_MS, () => {
      this.#stopPolling = undefined;
      if (!this.#db.isOpen || this.#listeners.size === 0) return;
      try {
        this.#poll();
      } catch {
        // Locked or unreadable for the moment; those who need the storage hear of it themselves.
      }
      if (this.#listeners.size > 0) this.#schedule();
    });
  }

  #poll(): void {
    const version = this.#readVersion();
    if (version === this.#version) return;
    const runIds = new Set<string>();
    for (;;) {
      const rows = this.#db.all(
        `SELECT e.id, r.run_id FROM events e JOIN runs r ON r.id = e.run WHERE e.id > ? ORDER BY e.id LIMIT ?`,
        this.#lastRow,
        PAGE,
      );
      for (const row of rows) {
        this.#lastRow = Number(row["id"]);
        runIds.add(String(row["run_id"]));
      }
      if (rows.length < PAGE) break;
    }
    this.#version = version;
    for (const runId of runIds) this.notify(runId);
  }

  /** Changes when another connection has committed, not by our own commits. */
  #readVersion(): number {
    return Number(this.#db.get("PRAGMA data_version")?.["data_version"]);
  }
}
