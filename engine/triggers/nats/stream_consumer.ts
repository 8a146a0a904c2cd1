import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { TriggerHost } from "../trigger.ts";
import { type Delivery, IN_PROGRESS, readDelivery, type Settlement, toAck } from "./delivery.ts";
import {
  type ConsumerPlan,
  ensureConsumer,
  ensureDeadLetters,
  type ReadyConsumer,
} from "./ensure_consumer.ts";
import type { Link, LinkListener } from "./link.ts";
import { Pull } from "./pull.ts";
import { report } from "./report.ts";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Not at once: the server might deliver it to the request of this engine that it has not forgotten yet, and
 * then wait for an answer that nobody gives.
 */
const GIVEN_BACK: Settlement = { kind: "later", delayMs: 100 };

/** What a consumer works with. */
export interface StreamConsumerOptions {
  readonly plan: ConsumerPlan;
  readonly host: TriggerHost;
  readonly link: Link;
  /** How many more messages the trigger has room for. */
  room(): number;
  /** Takes a message to its end. Must not reject. */
  handle(delivery: Delivery, consumer: ReadyConsumer): Promise<Settlement>;
}

/** Takes messages from one consumer, keeps them while they are worked on, and tells what became of them. */
export class StreamConsumer implements LinkListener {
  readonly #options: StreamConsumerOptions;
  /** By their place in the stream; a message that comes twice is worked on once. */
  readonly #held = new Map<number, Delivery>();
  readonly #work = new Set<Promise<void>>();
  #consumer: ReadyConsumer | undefined;
  #connection: NatsConnection | undefined;
  #pull: Pull | undefined;
  #unwatch: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #cancelHeartbeat: () => void = () => {};
  #failures = 0;
  #lastWarning = "";
  #lastLetterWarning = "";
  #isClosing = false;
  #isPumping = false;
  /** Counts attempts to open, so that a late one knows that it is late. */
  #turn = 0;

  constructor(options: StreamConsumerOptions) {
    this.#options = options;
  }

  /** How many messages it holds. */
  get held(): number {
    return this.#held.size;
  }

  start(): void {
    this.#unwatch = this.#options.link.watch(this);
  }

  up(connection: NatsConnection): void {
    this.#connection = connection;
    this.#failures = 0;
    void this.#open();
  }

  down(): void {
    this.#connection = undefined;
    this.#turn++;
    this.#cancelRetry();
    this.#pull?.stop();
    this.#pull = undefined;
  }

  /** Asks for as many messages as there is room for. Cheap: calls of one moment are one request. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      const pull = this.#pull;
      if (pull === undefined || this.#isClosing) return;
      const want = this.#options.room() - pull.asked;
      // A request per message would cost more than the message.
      if (want > 0 && (pull.asked === 0 || want * 4 >= this.#options.plan.maxInFlight)) {
        pull.ask(want);
      }
    });
  }

  /** Takes nothing new; resolves when all it holds is settled. */
  async drain(): Promise<void> {
    this.#isClosing = true;
    this.#cancelRetry();
    await this.#pull?.drain();
    await Promise.all(this.#work);
    this.stop();
  }

  /** Lets go of everything at once: what it holds is delivered again. */
  stop(): void {
    this.#isClosing = true;
    this.#turn++;
    this.#unwatch();
    this.#cancelRetry();
    this.#cancelHeartbeat();
    this.#pull?.stop();
    for (const { ackSubject } of this.#held.values()) {
      this.#options.link.publish(ackSubject, toAck(GIVEN_BACK));
    }
    this.#held.clear();
  }

  async #open(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#isClosing) return;
    const turn = ++this.#turn;
    const { plan, host } = this.#options;
    try {
      const consumer = await ensureConsumer(connection, plan);
      if (turn !== this.#turn) return;
      this.#consumer = consumer;
      this.#failures = 0;
      this.#lastWarning = "";
      const { stream, durable } = consumer;
      host.log("debug", `listens to ${plan.subject} of ${stream} as ${durable}`);
      this.#pull?.stop();
      this.#pull = new Pull(connection, consumer, {
        clock: host.clock,
        listener: {
          message: (message) => this.#receive(message),
          room: () => this.pump(),
          broken: () => this.#openLater(),
        },
      });
      this.pump();
      await ensureDeadLetters(connection, plan).catch((error) => {
        if (turn !== this.#turn) return;
        this.#lastLetterWarning = report(host, error, this.#lastLetterWarning);
      });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#lastWarning = report(host, error, this.#lastWarning);
      this.#openLater();
    }
  }

  #openLater(): void {
    if (this.#isClosing) return;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 20), MAX_RETRY_MS);
    this.#cancelRetry();
    this.#cancelRetry = this.#options.host.clock.after(delayMs, () => void this.#open());
  }

  #receive(message: Msg): void {
    const delivery = readDelivery(message);
    const consumer = this.#consumer;
    if (delivery === undefined || consumer === undefined) return;
    if (this.#isClosing) return this.#settle(delivery, GIVEN_BACK);
    const isHeld = this.#held.has(delivery.sequence);
    // The newest delivery is the one that the server waits for.
    this.#held.set(delivery.sequence, delivery);
    if (isHeld) return;
    if (this.#held.size === 1) this.#keepAlive(consumer);
    const work = this.#options.handle(delivery, consumer).then((settlement) => {
      this.#work.delete(work);
      const newest = this.#held.get(delivery.sequence);
      if (newest === undefined) return;
      this.#held.delete(delivery.sequence);
      this.#settle(newest, settlement);
      this.pump();
    });
    this.#work.add(work);
  }

  #settle({ ackSubject }: Delivery, settlement: Settlement): void {
    this.#options.link.publish(ackSubject, toAck(settlement));
  }

  /** Tells the server again and again that what is held is still worked on. */
  #keepAlive(consumer: ReadyConsumer): void {
    this.#cancelHeartbeat();
    if (this.#held.size === 0) return;
    this.#cancelHeartbeat = this.#options.host.clock.after(consumer.ackWaitMs / 3, () => {
      const { connection } = this.#options.link;
      if (connection !== undefined) {
        for (const { ackSubject } of this.#held.values()) {
          connection.publish(ackSubject, IN_PROGRESS);
        }
      }
      this.#keepAlive(consumer);
    });
  }
}
