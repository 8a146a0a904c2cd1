import { jetstream, JetStreamApiError, type JetStreamPublishOptions } from "@nats-io/jetstream";
import { InvalidArgumentError, type NatsConnection, RequestError } from "@nats-io/transport-node";
import { type Clock, sleep } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";

const TIMEOUT_MS = 3_000;
const PAUSE_MS = 200;
const ATTEMPTS = 5;

/** What to publish, and under which id: the server keeps one message of an id. */
export interface StoredMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly options: Partial<JetStreamPublishOptions> & { readonly msgID: string };
}

/** How to get through. */
export interface PublishStoredOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The connection of the moment; undefined while there is none. */
  connection(): NatsConnection | undefined;
}

/**
 * Publishes to a stream and resolves once it is stored there. A publish can time out while the server starts
 * anew: it is repeated with the same id, which does not store it twice.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE` when no stream takes it
 */
export async function publishStored(
  { subject, data, options }: StoredMessage,
  { clock, signal, connection }: PublishStoredOptions,
): Promise<void> {
  let last: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const current = connection();
      if (current === undefined) throw new Error("there is no connection");
      await jetstream(current, { timeout: TIMEOUT_MS }).publish(subject, data, options);
      return;
    } catch (error) {
      last = error;
      const isFinal = error instanceof JetStreamApiError || error instanceof InvalidArgumentError ||
        isUnheard(error);
      if (isFinal || !await sleep(PAUSE_MS * attempt, clock, signal)) break;
    }
  }
  throw new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot store a message of "${subject}" as a stream must take it: ${
      isUnheard(last) ? "no stream has that subject" : (last as Error).message
    }`,
    { fix: addStream(subject), cause: last },
  );
}

/** What a stream for a subject of dead letters is called. */
export function streamNameFor(subject: string): string {
  return subject.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

/** The command that makes a stream for a subject of dead letters. */
export function addStream(subject: string): string {
  return `nats stream add ${streamNameFor(subject)} --subjects="${subject}" --defaults`;
}

/** Nobody listens on the subject: neither the error nor what the library makes of it. */
function isUnheard(error: unknown): boolean {
  if (error instanceof RequestError) return error.isNoResponders();
  return error instanceof Error && error.cause !== undefined && isUnheard(error.cause);
}
