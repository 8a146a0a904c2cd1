import postgres from "postgres";
import { type Clock, sleep } from "../../clock/mod.ts";
import { StorageError } from "../storage_error.ts";
import type { PostgresAddress } from "./address.ts";
import { readFailure } from "./failure.ts";

/** What a parameter of a statement may be. Arrays are texts made by `arrayOf`. */
export type Parameter = string | number | boolean | null;

/** A column of a row as it arrives. */
export type Row = { readonly [column: string]: string | number | boolean | null };

/** A statement with its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Parameter[];
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A call that is not answered by then is given up together with its connection. */
const CALL_TIMEOUT_MS = 20_000;
/** Connections that do not end in order by then are torn; with the server away, the driver waits for an end for ever. */
const CLOSE_TIMEOUT_S = 0.5;
const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 500;

const doubtful = new WeakSet<object>();

/** Whether the call that failed with this error may have been done nevertheless. */
export function isDoubtful(error: unknown): boolean {
  return typeof error === "object" && error !== null && doubtful.has(error);
}

/**
 * A pool of connections that outlives its server: while the server is away, calls wait for `patienceMs`, are
 * repeated, and then fail with `STORAGE_UNAVAILABLE`. What is sent must bear a repetition.
 */
export class Database implements AsyncDisposable {
  readonly address: PostgresAddress;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #sql: postgres.Sql<{ bigint: number }>;
  /** The server has answered since it was last away. */
  #isThere = false;

  constructor(address: PostgresAddress, clock: Clock) {
    this.address = address;
    this.#clock = clock;
    this.#sql = this.#connect();
  }

  /** Runs one statement as a transaction. `make` is told whether an earlier try may have been done. */
  async query(
    make: Statement | ((isRepeat: boolean) => Statement),
    patienceMs: number = this.address.patienceMs,
  ): Promise<readonly Row[]> {
    const startedAt = this.#clock.monotonic();
    let isRepeat = false;
    for (let waitMs = FIRST_WAIT_MS;; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      if (this.#closing.signal.aborted) throw this.closed();
      try {
        const rows = await this.#once(typeof make === "function" ? make(isRepeat) : make);
        this.#isThere = true;
        return rows;
      } catch (cause) {
        if (this.#closing.signal.aborted) throw this.closed(cause);
        const failure = readFailure(cause, this.address);
        isRepeat ||= failure.isDoubtful;
        if (failure.isPassing) this.#isThere = false;
        const spentMs = this.#clock.monotonic() - startedAt;
        if (failure.isPassing && spentMs + waitMs <= patienceMs) {
          await sleep(waitMs, this.#clock, this.#closing.signal);
          continue;
        }
        if (isRepeat) doubtful.add(failure.error);
        throw failure.error;
      }
    }
  }

  /** Runs statements in order within one transaction, on one connection; nothing is repeated. */
  async transaction(
    body: (run: (text: string) => Promise<readonly Row[]>) => Promise<void>,
  ): Promise<void> {
    try {
      await this.#sql.begin(async (sql) => {
        await body(async (text) => [...await sql.unsafe<Row[]>(text)]);
      });
    } catch (cause) {
      if (cause instanceof StorageError) throw cause;
      throw readFailure(cause, this.address).error;
    }
  }

  /**
   * Calls back with what others tell on a channel, over a connection of its own that comes back by itself;
   * `open` is called each time it does.
   */
  listen(
    channel: string,
    on: { tell(payload: string): void; open(): void },
  ): AsyncDisposable {
    const closing = new AbortController();
    const listening = this.#listen(channel, { ...on, signal: closing.signal });
    return {
      async [Symbol.asyncDispose]() {
        closing.abort();
        await listening;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#sql.end({ timeout: CLOSE_TIMEOUT_S });
  }

  /** The driver's own `listen` gives no sign of a lost connection, and does not end while it looks for its server. */
  async #listen(
    channel: string,
    { tell, open, signal }: { tell(payload: string): void; open(): void; signal: AbortSignal },
  ): Promise<void> {
    while (!signal.aborted) {
      const lost = Promise.withResolvers<void>();
      const onAbort = () => lost.resolve();
      const options = {
        ...this.#options(),
        max: 1,
        idle_timeout: 0,
        max_lifetime: null,
        onnotify: (_channel: string, payload: string) => tell(payload),
        onclose: onAbort,
      };
      const sql = postgres(options);
      try {
        await sql.unsafe(`LISTEN ${channel}`);
        signal.addEventListener("abort", onAbort);
        open();
        if (!signal.aborted) await lost.promise;
      } catch {
        // the server is away; whoever asks it for something hears of that
      } finally {
        signal.removeEventListener("abort", onAbort);
        await sql.end({ timeout: CLOSE_TIMEOUT_S });
      }
      await sleep(LONGEST_WAIT_MS, this.#clock, signal);
    }
  }

  async #once({ text, values }: Statement): Promise<readonly Row[]> {
    const sql = this.#sql;
    let cancel = () => {};
    const tooLate = new Promise<never>((_, reject) => {
      // The driver tries for ever where somebody accepts connections and closes them at once.
      const limitMs = this.#isThere ? CALL_TIMEOUT_MS : CONNECT_TIMEOUT_MS;
      cancel = this.#clock.after(limitMs, () => {
        reject(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
        // Whatever hangs there must not be done behind the caller's back.
        if (this.#sql === sql) this.#sql = this.#connect();
        sql.end({ timeout: 0 }).catch(() => {});
      });
    });
    try {
      return await Promise.race([
        sql.unsafe<Row[]>(text, [...values], { prepare: true }),
        tooLate,
      ]);
    } finally {
      cancel();
    }
  }

  #connect(): postgres.Sql<{ bigint: number }> {
    return postgres({ ...this.#options(), max: this.address.poolSize });
  }

  #options(): postgres.Options<{ bigint: postgres.PostgresType<number> }> {
    const { host, port, database, user, password, ssl, settings } = this.address;
    return {
      host,
      port,
      database,
      ...user === undefined ? {} : { user },
      ...password === undefined ? {} : { password },
      ...host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : {},
      ssl,
      connection: settings,
      connect_timeout: CONNECT_TIMEOUT_MS / 1_000,
      idle_timeout: 60,
      keep_alive: 15,
      backoff: (retries) => Math.min(2 ** retries * FIRST_WAIT_MS, LONGEST_WAIT_MS) / 1_000,
      fetch_types: false,
      onnotice: () => {},
      types: { bigint: { to: 20, from: [20], parse: safeInteger, serialize: String } },
    };
  }

  /** What a call after the end is refused with. */
  closed(cause?: unknown): StorageError {
    const message = `Cannot use storage "${this.address.shown}" as it is closed: the engine stops`;
    return new StorageError("STORAGE_UNAVAILABLE", message, { cause });
  }
}

/** An array as PostgreSQL reads it from a text. */
export function arrayOf(values: readonly (string | number | null | undefined)[]): string {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    return typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${parts.join(",")}}`;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no number that JSON carries`);
  return value;
}
