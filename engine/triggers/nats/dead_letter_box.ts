import { type JetStreamManager, jetstreamManager, type StoredMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Clock, systemClock } from "../../clock/mod.ts";
import type { Secrets } from "../../context/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import type { QueueTriggerSpec } from "../../spec/mod.ts";
import { DEAD_LETTER_HEADERS, ownHeaders } from "./dead_letter.ts";
import { type DeadLetterPlace, deadLetterPlaces } from "./dead_letter_subject.ts";
import { dial } from "./dial.ts";
import { isMissing } from "./ensure_consumer.ts";
import { readNatsSettings } from "./nats_settings.ts";
import { addStream, publishStored } from "./publish_stored.ts";
import { readHeaders, readPayload } from "./read_message.ts";

/** A message that was given up, as it lies in its stream. */
export interface DeadLetter {
  /** Stream and sequence where it lies now. */
  readonly stream: string;
  readonly sequence: number;
  readonly deadLetter: string;
  /** Where it came from. */
  readonly origin: { readonly subject: string; readonly stream: string; readonly sequence: number };
  readonly code: string;
  readonly error: string;
  readonly attempts: number;
  readonly deliveries: number;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly failedAt: string;
  readonly runId: string | undefined;
  readonly sizeBytes: number;
  /** As the run got it. Not redacted. */
  readonly payload: JsonValue;
  /** Those of the sender. Not redacted. */
  readonly headers: JsonObject;
}

/** How to reach the dead letters of a workflow. */
export interface DeadLetterBoxOptions {
  readonly workflow: string;
  /** Those of core NATS have no dead letters. */
  readonly triggers: readonly QueueTriggerSpec[];
  readonly config: JsonObject;
  readonly secrets: Secrets;
  readonly dir: string;
  readonly clock?: Clock;
}

/**
 * Connects to the dead letters of a workflow.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE`
 */
export async function openDeadLetterBox(options: DeadLetterBoxOptions): Promise<DeadLetterBox> {
  const settings = await readNatsSettings(options);
  const connection = await dial(settings, {
    name: `pd dlq ${options.workflow}`,
    random: Math.random,
  });
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    return new DeadLetterBox(connection, {
      manager,
      places: options.triggers.flatMap(deadLetterPlaces),
      clock: options.clock ?? systemClock,
    });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface DeadLetterBoxParts {
  readonly manager: JetStreamManager;
  readonly places: readonly DeadLetterPlace[];
  readonly clock: Clock;
}

/** Reads dead letters and brings them back. */
export class DeadLetterBox implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #clock: Clock;
  /** Where the triggers of the workflow put what they give up. */
  readonly places: readonly DeadLetterPlace[];

  constructor(connection: NatsConnection, { manager, places, clock }: DeadLetterBoxParts) {
    this.#connection = connection;
    this.#manager = manager;
    this.#clock = clock;
    this.places = places;
  }

  /**
   * The stream that keeps a subject of dead letters.
   *
   * @throws {CodedError} `TRIGGER_UNAVAILABLE` with the command that adds one
   */
  async streamOf(deadLetter: string): Promise<string> {
    try {
      return await this.#manager.streams.find(deadLetter);
    } catch (error) {
      if (!isMissing(error)) throw this.#explain(deadLetter, error);
      throw new CodedError(
        "TRIGGER_UNAVAILABLE",
        `Cannot read dead letters of "${deadLetter}" as a stream must keep them: no stream has that subject`,
        { fix: addStream(deadLetter) },
      );
    }
  }

  /** Letters of one subject, oldest first; none that come while they are read. */
  async *read(deadLetter: string): AsyncGenerator<DeadLetter> {
    const stream = await this.streamOf(deadLetter);
    const { state } = await this.#manager.streams.info(stream);
    for (let sequence = state.first_seq; sequence <= state.last_seq;) {
      // The next message of the subject at or behind a sequence: in the API since 2.9, not in the type.
      const query = { seq: sequence, next_by_subj: deadLetter };
      const stored = await this.#manager.streams.getMessage(stream, query);
      if (stored === null || stored.seq > state.last_seq) return;
      yield toDeadLetter(stored, stream);
      sequence = stored.seq + 1;
    }
  }

  /** The letter of a subject at one place of its stream, if one lies there. */
  async get(deadLetter: string, sequence: number): Promise<DeadLetter | undefined> {
    const stream = await this.streamOf(deadLetter);
    const stored = await this.#manager.streams.getMessage(stream, { seq: sequence });
    return stored?.subject === deadLetter ? toDeadLetter(stored, stream) : undefined;
  }

  /**
   * Publishes a letter to the subject that it came from, and removes it from the dead letters once a stream has
   * stored it. Replaying twice what could not be removed stores it once.
   */
  async replay(
    letter: Pick<DeadLetter, "stream" | "sequence">,
  ): Promise<{ readonly subject: string }> {
    const { stream, sequence } = letter;
    const stored = await this.#manager.streams.getMessage(stream, { seq: sequence });
    if (stored === null) throw notALetter(letter, "there is no such message");
    const { origin } = toDeadLetter(stored, stream);
    if (origin.subject === "") throw notALetter(letter, "it does not say where it came from");
    const oldId = stored.header.get(DEAD_LETTER_HEADERS.messageId) ||
      `${origin.stream}:${origin.sequence}`;
    await publishStored({
      subject: origin.subject,
      data: stored.data,
      options: {
        // Another id than before: the run of the old one has failed, and is found by it.
        msgID: `${oldId.replace(/:replay-\d+$/, "")}:replay-${sequence}`,
        headers: ownHeaders(stored.header),
      },
    }, {
      clock: this.#clock,
      signal: new AbortController().signal,
      connection: () => this.#connection,
    });
    await this.#manager.streams.deleteMessage(stream, sequence);
    return { subject: origin.subject };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  #explain(subject: string, error: unknown): CodedError {
    return new CodedError(
      "TRIGGER_UNAVAILABLE",
      `Cannot read dead letters of "${subject}" as JetStream keeps them: ${
        (error as Error).message
      }`,
      { fix: "Start the server with JetStream: nats-server -js", cause: error },
    );
  }
}

function notALetter(
  { stream, sequence }: Pick<DeadLetter, "stream" | "sequence">,
  state: string,
): CodedError {
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot replay message ${sequence} of "${stream}" as a dead letter: ${state}`,
    { fix: "pd dlq list" },
  );
}

function toDeadLetter(stored: StoredMsg, stream: string): DeadLetter {
  const { header } = stored;
  const own = ownHeaders(header);
  const names = DEAD_LETTER_HEADERS;
  return {
    stream,
    sequence: stored.seq,
    deadLetter: stored.subject,
    origin: {
      subject: header.get(names.subject),
      stream: header.get(names.stream),
      sequence: Number(header.get(names.sequence)),
    },
    code: header.get(names.code),
    error: header.get(names.error),
    attempts: Number(header.get(names.attempts)),
    deliveries: Number(header.get(names.deliveries)),
    firstSeen: header.get(names.firstSeen),
    failedAt: header.get(names.failedAt),
    runId: header.get(names.runId) || undefined,
    sizeBytes: stored.data.length,
    payload: readPayload(stored.data, own),
    headers: readHeaders(own),
  };
}
