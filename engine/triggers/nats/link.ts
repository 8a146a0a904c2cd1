import type { NatsConnection } from "@nats-io/transport-node";
import { type Clock, sleep } from "../../clock/mod.ts";
import { PdError } from "../../errors/mod.ts";
import type { TriggerHost } from "../trigger.ts";
import { dial, explain } from "./dial.ts";
import type { NatsSettings } from "./nats_settings.ts";

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
/** What is published while the server is away waits; more than this is dropped, oldest first. */
const MAX_WAITING = 10_000;

/** Told each time the connection stands (at once when it does), and each time it breaks. */
export interface LinkListener {
  up(connection: NatsConnection): void;
  down(): void;
}

interface Waiting {
  readonly subject: string;
  readonly data: Uint8Array | string;
}

/** A connection that is there again and again: what triggers with equal settings share. */
export class Link {
  readonly #settings: NatsSettings;
  readonly #host: TriggerHost;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<LinkListener>();
  readonly #waiting: Waiting[] = [];
  readonly #over: Promise<void>;
  #connection: NatsConnection | undefined;
  #isUp = false;
  #lastWarning = "";
  /** Resolves when the first attempt to connect has succeeded or failed. */
  readonly tried: Promise<void>;

  constructor(settings: NatsSettings, host: TriggerHost) {
    this.#settings = settings;
    this.#host = host;
    this.#clock = host.clock;
    const tried = Promise.withResolvers<void>();
    this.tried = tried.promise;
    this.#over = this.#stay(tried.resolve);
  }

  /** The connection while it stands. */
  get connection(): NatsConnection | undefined {
    return this.#isUp ? this.#connection : undefined;
  }

  watch(listener: LinkListener): () => void {
    this.#listeners.add(listener);
    if (this.connection !== undefined) listener.up(this.connection);
    return () => this.#listeners.delete(listener);
  }

  /** Publishes now, or as soon as the server is back. */
  publish(subject: string, data: Uint8Array | string): void {
    const { connection } = this;
    // Closed in this very moment: nobody was told yet.
    if (connection !== undefined && !connection.isClosed()) {
      connection.publish(subject, data);
      return;
    }
    if (this.#waiting.length === MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ subject, data });
  }

  /** Sends what was published, and ends. */
  async close(): Promise<void> {
    this.#abort.abort();
    const connection = this.#connection;
    if (this.#isUp) await connection?.flush().catch(() => {});
    await connection?.close();
    await this.#over;
  }

  async #stay(onTried: () => void): Promise<void> {
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#connectOnce(onTried);
        failures = 0;
      } catch (error) {
        this.#warn(error);
        failures++;
      }
      onTried();
      const fullMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 20), MAX_RETRY_MS);
      await sleep(fullMs / 2 + this.#host.random() * fullMs / 2, this.#clock, signal);
    }
  }

  /** Returns when the connection is given up: this engine closed it, or the server refuses its credentials. */
  async #connectOnce(onTried: () => void): Promise<void> {
    const connection = await dial(this.#settings, {
      name: `pd ${this.#host.workflow}`,
      random: () => this.#host.random(),
    });
    this.#connection = connection;
    if (this.#abort.signal.aborted) return await connection.close();
    this.#setUp(connection);
    onTried();
    for await (const status of connection.status()) {
      if (status.type === "disconnect") this.#setDown();
      else if (status.type === "reconnect") this.#setUp(connection);
      else if (status.type === "error" && this.#isUp) {
        this.#host.log("warn", this.#host.redactor.text(`NATS: ${status.error.message}`));
      }
    }
    this.#setDown();
    const reason = await connection.closed();
    if (reason !== undefined && reason !== null && !this.#abort.signal.aborted) {
      throw explain(reason, this.#settings);
    }
  }

  #setUp(connection: NatsConnection): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#lastWarning = "";
    this.#host.log("info", `connected to ${connection.getServer()}`);
    for (const { subject, data } of this.#waiting.splice(0)) connection.publish(subject, data);
    for (const listener of this.#listeners) listener.up(connection);
  }

  #setDown(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    if (!this.#abort.signal.aborted) {
      this.#host.log("warn", `lost the connection to ${this.#settings.servers.join(", ")}`);
    }
    for (const listener of this.#listeners) listener.down();
  }

  /** Once per reason: a server that is away for a night fills no log. */
  #warn(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const known = error instanceof PdError ? error : explain(error, this.#settings);
    const message = this.#host.redactor.text(known.message);
    if (message === this.#lastWarning) return;
    this.#lastWarning = message;
    this.#host.log("warn", `${known.code}: ${message}`, { fix: known.fix ?? "" });
  }
}
