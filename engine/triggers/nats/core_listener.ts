import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { PdError } from "../../errors/mod.ts";
import type { ExecutionResult } from "../../executor/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import type { QueueTriggerSpec } from "../../spec/mod.ts";
import type { TriggerHost } from "../trigger.ts";
import type { Link, LinkListener } from "./link.ts";
import type { RateLimit } from "./rate_limit.ts";
import { headerOf, readHeaders, readPayload } from "./read_message.ts";
import type { Slots } from "./slots.ts";
import { matchesSubject } from "./subjects.ts";

/** Messages that may wait for their turn; core NATS keeps none, so that more than this are refused. */
const MAX_WAITING = 10_000;
const KEY_TTL_MS = 24 * 60 * 60 * 1_000;

/** What a trigger of core NATS works with. */
export interface CoreListenerOptions {
  readonly spec: QueueTriggerSpec;
  readonly name: string;
  readonly host: TriggerHost;
  readonly link: Link;
  readonly slots: Slots;
  readonly limit: RateLimit | undefined;
  /** Aborts when everything has to stop. */
  readonly stopped: AbortSignal;
}

/** Starts a run for each message of core NATS, and answers on its reply subject. */
export class CoreListener implements LinkListener {
  readonly #options: CoreListenerOptions;
  readonly #work = new Set<Promise<void>>();
  #connection: NatsConnection | undefined;
  #subscriptions: readonly Subscription[] = [];
  #unwatch: () => void = () => {};

  constructor(options: CoreListenerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unwatch = this.#options.link.watch(this);
  }

  /** A connection that comes back brings its subscriptions along; only a new one needs them anew. */
  up(connection: NatsConnection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    const { subjects, queueGroup } = this.#options.spec;
    this.#subscriptions = subjects.map((subject, index) =>
      connection.subscribe(subject, {
        ...(queueGroup === undefined ? {} : { queue: queueGroup }),
        callback: (error, message) => {
          if (error !== null) return this.#warn(error.message);
          // A message comes once for each subject that it matches.
          const isTaken = subjects.slice(0, index).some((one) =>
            matchesSubject(one, message.subject)
          );
          if (!isTaken) this.#receive(message);
        },
      })
    );
  }

  down(): void {}

  /** Takes nothing new; resolves when every message it has taken has its run, and its answer. */
  async drain(): Promise<void> {
    this.#unwatch();
    await Promise.all(
      this.#subscriptions.filter((one) => !one.isClosed()).map((one) =>
        one.drain().catch(() => {})
      ),
    );
    await Promise.all(this.#work);
  }

  stop(): void {
    this.#unwatch();
    for (const subscription of this.#subscriptions) {
      if (!subscription.isClosed()) subscription.unsubscribe();
    }
    this.#subscriptions = [];
  }

  #receive(message: Msg): void {
    if (this.#options.slots.waiting >= MAX_WAITING) {
      this.#refuse(message, "QUEUE_FULL", `${MAX_WAITING} messages wait already`);
      return;
    }
    const work = this.#handle(message).finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  async #handle(message: Msg): Promise<void> {
    const { slots, limit, host, name, stopped } = this.#options;
    await slots.take();
    try {
      if (limit !== undefined && !await limit.take(stopped)) {
        return this.#refuse(message, "DRAINING", "the engine shuts down");
      }
      const id = headerOf(message.headers, "nats-msg-id");
      const input = readPayload(message.data, message.headers);
      const started = await host.start(input, {
        trigger: this.#trigger(message),
        ...(id === undefined
          ? {}
          : { idempotency: { scope: `queue:${name}`, key: id, ttlMs: KEY_TTL_MS } }),
      });
      this.#reply(message, await started.result);
    } catch (error) {
      const code = error instanceof PdError ? error.code : "INTERNAL";
      this.#refuse(message, code, error instanceof Error ? error.message : String(error));
    } finally {
      slots.give();
    }
  }

  #trigger({ subject, headers, reply }: Msg): JsonObject {
    return {
      type: "queue",
      name: this.#options.name,
      subject,
      headers: readHeaders(headers),
      ...(reply === undefined || reply === "" ? {} : { reply }),
    };
  }

  #refuse(message: Msg, code: string, text: string): void {
    const { host, name } = this.#options;
    const shown = host.redactor.text(text);
    host.count(name, "refused", 1);
    this.#warn(`${code}: ${shown}`);
    this.#answer(message, { success: false, error: { code, message: shown } });
  }

  #reply(message: Msg, result: ExecutionResult): void {
    this.#answer(message, this.#options.host.redactor.result(result) as unknown as JsonValue, {
      success: result.success,
      status: result.status,
      runId: result.runId,
    });
  }

  /** Sends `value`, or `short` when the server does not take that much. */
  #answer({ reply }: Msg, value: JsonValue, short?: JsonObject): void {
    if (reply === undefined || reply === "") return;
    const { link } = this.#options;
    const data = new TextEncoder().encode(JSON.stringify(value));
    const limit = link.connection?.info?.max_payload ?? Infinity;
    if (data.length <= limit) return link.publish(reply, data);
    const error = {
      code: "NODE_OUTPUT_TOO_LARGE",
      message:
        `Cannot reply with the result as the server takes ${limit} bytes: it has ${data.length}`,
    };
    link.publish(reply, JSON.stringify({ ...short, error }));
  }

  #warn(message: string): void {
    const { host, name } = this.#options;
    host.log("warn", `${name}: ${host.redactor.text(message)}`);
  }
}
