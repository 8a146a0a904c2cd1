import { PdError } from "../../errors/mod.ts";
import type { ExecutionResult } from "../../executor/mod.ts";
import { sleep } from "../../clock/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import type { QueueTriggerSpec } from "../../spec/mod.ts";
import type { StartedRun, TriggerHost } from "../trigger.ts";
import { toDeadLetterHeaders } from "./dead_letter.ts";
import { deadLetterSubject } from "./dead_letter_subject.ts";
import { type Delivery, type Settlement, storedAt } from "./delivery.ts";
import type { ReadyConsumer } from "./ensure_consumer.ts";
import type { Link } from "./link.ts";
import { publishStored } from "./publish_stored.ts";
import type { RateLimit } from "./rate_limit.ts";
import { readHeaders, readPayload } from "./read_message.ts";
import { report } from "./report.ts";
import type { Slots } from "./slots.ts";
import { matchesSubject } from "./subjects.ts";

/** How long a key is remembered: a message may come back for so long. */
const KEY_TTL_MS = 24 * 60 * 60 * 1_000;
/** Time for the server to forget what this engine asked for. */
const HAND_OVER_MS = 100;
/** What was refused is tried again so often before another engine may have it. */
const KEPT_REFUSALS = 3;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
const FIRST_NAK_MS = 1_000;
const MAX_NAK_MS = 60_000;

/** What messages of one trigger are worked on with. */
export interface MessageHandlerOptions {
  readonly spec: QueueTriggerSpec;
  readonly name: string;
  /** Namespace of idempotency keys: the consumer. */
  readonly scope: string;
  readonly host: TriggerHost;
  readonly link: Link;
  readonly slots: Slots;
  readonly limit: RateLimit | undefined;
  /** Aborts when nothing new is to be started. */
  readonly draining: AbortSignal;
  /** Aborts when everything has to stop. */
  readonly stopped: AbortSignal;
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
  readonly runId: string | undefined;
  readonly attempts: number;
}

/** Takes messages of JetStream to their end: a run, another try, or the dead letters. */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  #lastWarning = "";

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
  }

  /** Never rejects: whatever goes wrong, the message is delivered again. */
  async handle(delivery: Delivery, consumer: ReadyConsumer): Promise<Settlement> {
    const { slots, host, name } = this.#options;
    await slots.take();
    try {
      return await this.#run(delivery, consumer);
    } catch (error) {
      // Not the run's fault: the storage, or a bug. The message is kept.
      host.log("error", host.redactor.text(`${name}: ${messageOf(error)}`));
      return { kind: "later", delayMs: MAX_NAK_MS };
    } finally {
      slots.give();
    }
  }

  async #run(delivery: Delivery, consumer: ReadyConsumer): Promise<Settlement> {
    const { spec, name, host, limit, draining } = this.#options;
    if (spec.subjects.some((subject) => deadLetterSubject(spec, subject) === delivery.subject)) {
      // Its own dead letter, caught by its own wildcard: it stays in the stream for `pd dlq`.
      return { kind: "ack" };
    }
    if (limit !== undefined && !await limit.take(draining)) {
      return { kind: "later", delayMs: HAND_OVER_MS };
    }
    if (draining.aborted) return { kind: "later", delayMs: HAND_OVER_MS };
    host.count(name, "lag_ms", Math.max(0, host.clock.now() - storedAt(delivery)));
    if (delivery.deliveries > 1) host.count(name, "redelivered", 1);
    const isLast = consumer.maxDeliver !== undefined && delivery.deliveries >= consumer.maxDeliver;
    const input = readPayload(delivery.data, delivery.headers);
    for (let attempt = 1;; attempt++) {
      const started = await this.#start(delivery, input, { attempt, isLast });
      if ("kind" in started) return started;
      const result = await started.result;
      if (result.status === "succeeded") return { kind: "ack" };
      if (result.status !== "failed") return this.#unfinished(result);
      const failure = { error: errorOf(result), runId: result.runId, attempts: attempt };
      if (attempt >= spec.maxDeliver || isLast) return await this.#giveUp(delivery, failure);
      // A failed run that was found, not started, belongs to a delivery before this one.
      if (!started.isNew) continue;
      const delayMs = nakDelayMs(attempt);
      host.log("warn", `run ${result.runId} failed; ${name} tries again in ${delayMs} ms`, {
        runId: result.runId,
        subject: delivery.subject,
        attempt,
      });
      return { kind: "later", delayMs };
    }
  }

  async #start(
    delivery: Delivery,
    input: JsonValue,
    { attempt, isLast }: { readonly attempt: number; readonly isLast: boolean },
  ): Promise<StartedRun | Settlement> {
    const { host, name, scope, draining } = this.#options;
    for (let refusals = 0;; refusals++) {
      try {
        const started = await host.start(input, {
          trigger: this.#trigger(delivery),
          idempotency: {
            scope,
            key: attempt === 1 ? keyOf(delivery) : `${keyOf(delivery)}#${attempt}`,
            ttlMs: KEY_TTL_MS,
          },
        });
        this.#lastWarning = "";
        return started;
      } catch (error) {
        const { code, message } = recordOf(error, host);
        if (code === "INPUT_INVALID" || code === "IDEMPOTENCY_CONFLICT") {
          const failure = { error: { code, message }, runId: undefined, attempts: attempt - 1 };
          return await this.#giveUp(delivery, failure);
        }
        host.count(name, "refused", 1);
        this.#lastWarning = report(host, error, this.#lastWarning);
        if (draining.aborted || code === "DRAINING") {
          return { kind: "later", delayMs: HAND_OVER_MS };
        }
        // Kept for a while, in its place: the next one would be refused too. The last delivery of a server
        // that counts is kept until it can start.
        if (refusals >= KEPT_REFUSALS && !isLast) {
          return { kind: "later", delayMs: nakDelayMs(delivery.deliveries) };
        }
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** refusals, MAX_PAUSE_MS);
        if (!await sleep(pauseMs, host.clock, draining)) {
          return { kind: "later", delayMs: HAND_OVER_MS };
        }
      }
    }
  }

  /** The run was cancelled or cut short. */
  #unfinished({ status, runId }: ExecutionResult): Settlement {
    const { draining, host, name } = this.#options;
    // Ended with the engine: whoever takes the message next finds the run, or starts another.
    if (status !== "cancelled" || draining.aborted) return { kind: "later", delayMs: HAND_OVER_MS };
    host.log("info", `run ${runId} was cancelled; ${name} does not try again`, { runId });
    return { kind: "ack" };
  }

  async #giveUp(delivery: Delivery, failure: Failure): Promise<Settlement> {
    const { spec, name, host, link, stopped } = this.#options;
    const subject = deadLetterSubject(
      spec,
      spec.subjects.find((candidate) => matchesSubject(candidate, delivery.subject)) ??
        delivery.subject,
    );
    const { code } = failure.error;
    const message = host.redactor.text(failure.error.message);
    try {
      await publishStored({
        subject,
        data: delivery.data,
        options: {
          msgID: `pd-dead:${this.#options.scope}:${keyOf(delivery)}`,
          headers: toDeadLetterHeaders(delivery, {
            error: { code, message },
            workflow: host.workflow,
            trigger: name,
            runId: failure.runId,
            attempts: failure.attempts,
            at: host.clock.now(),
          }),
        },
      }, { clock: host.clock, signal: stopped, connection: () => link.connection });
    } catch (error) {
      this.#lastWarning = report(host, error, this.#lastWarning);
      return { kind: "later", delayMs: nakDelayMs(delivery.deliveries) };
    }
    host.count(name, "dead_lettered", 1);
    host.log(
      "error",
      `message ${delivery.sequence} of ${delivery.stream} is a dead letter: ${code}`,
      {
        subject: delivery.subject,
        deadLetter: subject,
        error: message,
        ...(failure.runId === undefined ? {} : { runId: failure.runId }),
      },
    );
    return { kind: "term" };
  }

  #trigger({ subject, headers, stream, sequence, deliveries }: Delivery): JsonObject {
    return {
      type: "queue",
      name: this.#options.name,
      subject,
      headers: readHeaders(headers),
      stream,
      sequence,
      deliveries,
    };
  }
}

/** How long after the `attempt`-th failure a message is delivered again. */
export function nakDelayMs(attempt: number): number {
  return Math.min(FIRST_NAK_MS * 2 ** Math.min(attempt - 1, 20), MAX_NAK_MS);
}

/**
 * The sender's id, else the message's place. With the time it was stored: in a stream that was deleted and
 * made anew the same place holds another message.
 */
function keyOf({ headers, sequence, timestampNs }: Delivery): string {
  const id = headers?.get("Nats-Msg-Id") ?? "";
  return id === "" ? `${sequence}@${timestampNs}` : id;
}

function errorOf({ errors, status }: ExecutionResult): { code: string; message: string } {
  const [first] = Object.entries(errors);
  if (first === undefined) return { code: "NODE_FAILED", message: `the run is ${status}` };
  const [node, text] = first;
  const split = /^([A-Z][A-Z0-9_]+): (.*)$/s.exec(text);
  return { code: split?.[1] ?? "NODE_FAILED", message: `node "${node}": ${split?.[2] ?? text}` };
}

function recordOf(error: unknown, host: TriggerHost): { code: string; message: string } {
  return {
    code: error instanceof PdError ? error.code : "INTERNAL",
    message: host.redactor.text(messageOf(error)),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
