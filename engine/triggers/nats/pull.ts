import {
  createInbox,
  type Msg,
  type NatsConnection,
  type Subscription,
} from "@nats-io/transport-node";
import type { Clock } from "../../clock/mod.ts";
import type { ReadyConsumer } from "./ensure_consumer.ts";

const EXPIRES_MS = 30_000;
const IDLE_HEARTBEAT_MS = 5_000;
const HEARTBEAT = 100;
/** For reasons of its own: it stops, the consumer is gone or has too many requests. */
const REFUSED = 409;
const NO_RESPONDERS = 503;
/** Signs of life that may stay away before the requests are taken for lost. */
const MISSED_HEARTBEATS = 2.5;

/** What a pull tells. */
export interface PullListener {
  message(message: Msg): void;
  /** There is room for a new request: some ended unfilled. */
  room(): void;
  /** Nothing comes any more: the consumer is gone, or requests were lost. */
  broken(): void;
}

/**
 * Asks a consumer for messages, exactly as many as the caller has room for, on one connection (NATS ADR-13 and
 * ADR-37). The library's own `consume()` asks ahead of need, and what it holds back nobody tells the server
 * about, so that it would be delivered a second time.
 */
export class Pull {
  readonly #connection: NatsConnection;
  readonly #consumer: ReadyConsumer;
  readonly #clock: Clock;
  readonly #listener: PullListener;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  #asked = 0;
  #isOver = false;
  #cancelWatch: (() => void) | undefined;

  constructor(
    connection: NatsConnection,
    consumer: ReadyConsumer,
    options: { readonly clock: Clock; readonly listener: PullListener },
  ) {
    this.#connection = connection;
    this.#consumer = consumer;
    this.#clock = options.clock;
    this.#listener = options.listener;
    this.#inbox = createInbox();
    this.#subscription = connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error !== null) this.#break();
        else this.#receive(message);
      },
    });
  }

  /** Messages that were asked for and are still to come. */
  get asked(): number {
    return this.#asked;
  }

  ask(wanted: number): void {
    if (this.#isOver || this.#connection.isClosed()) return;
    const { stream, durable, maxBatch = wanted, maxExpiresMs = EXPIRES_MS } = this.#consumer;
    const batch = Math.min(wanted, maxBatch);
    const expiresMs = Math.min(EXPIRES_MS, maxExpiresMs);
    const heartbeatMs = Math.min(IDLE_HEARTBEAT_MS, expiresMs / 3);
    this.#asked += batch;
    this.#connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
      JSON.stringify({
        batch,
        expires: Math.floor(expiresMs * 1_000_000),
        idle_heartbeat: Math.floor(heartbeatMs * 1_000_000),
      }),
      { reply: this.#inbox },
    );
    this.#watch();
  }

  /** Asks for no more; what is on its way still comes, until this resolves. */
  async drain(): Promise<void> {
    this.#stopWatch();
    if (this.#isOver || this.#connection.isClosed()) return;
    await this.#subscription.drain().catch(() => {});
    this.#isOver = true;
  }

  /** Ends at once. */
  stop(): void {
    this.#stopWatch();
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#connection.isClosed()) this.#subscription.unsubscribe();
  }

  #receive(message: Msg): void {
    if (this.#isOver) return;
    this.#watch();
    const code = message.subject === this.#inbox ? message.headers?.code ?? 0 : 0;
    if (code === 0) {
      if (this.#asked > 0) this.#asked--;
      this.#listener.message(message);
      return;
    }
    if (code === HEARTBEAT) return;
    const left = Number(message.headers?.get("Nats-Pending-Messages") || this.#asked);
    this.#asked = Math.max(0, this.#asked - left);
    // A request that nobody took, or that the server refused, would be refused again: not at once.
    if (code === NO_RESPONDERS || code === REFUSED) this.#break();
    else this.#listener.room();
  }

  #watch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#asked === 0
      ? undefined
      : this.#clock.after(IDLE_HEARTBEAT_MS * MISSED_HEARTBEATS, () => this.#break());
  }

  #stopWatch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #break(): void {
    if (this.#isOver) return;
    this.stop();
    this.#listener.broken();
  }
}
