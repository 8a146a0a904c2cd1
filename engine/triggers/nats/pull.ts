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
  readonly #subject: string;
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
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${consumer.stream}.${consumer.durable}`;
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

  ask(batch: number): void {
    if (this.#isOver || this.#connection.isClosed()) return;
    this.#asked += batch;
    this.#connection.publish(
      this.#subject,
      JSON.stringify({
        batch,
        expires: EXPIRES_MS * 1_000_000,
        idle_heartbeat: IDLE_HEARTBEAT_MS * 1_000_000,
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
    // 100 is a heartbeat. The rest end a request: 404 and 408 unfilled, 409 for reasons of the server.
    if (code === 100) return;
    const left = Number(message.headers?.get("Nats-Pending-Messages") || this.#asked);
    this.#asked = Math.max(0, this.#asked - left);
    const description = message.headers?.description ?? "";
    if (code === 503 || (code === 409 && /deleted|push based/i.test(description))) this.#break();
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
