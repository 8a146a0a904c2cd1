import type { Msg, MsgHdrs } from "@nats-io/transport-node";

/** A message of JetStream that waits to be acknowledged. */
export interface Delivery {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs | undefined;
  /** Where its acknowledgement goes. */
  readonly ackSubject: string;
  readonly stream: string;
  /** 1 for the first time. */
  readonly deliveries: number;
  /** In the stream. */
  readonly sequence: number;
  /** When the stream took it, in nanoseconds since the epoch. */
  readonly timestampNs: string;
}

/** What becomes of a message. */
export type Settlement =
  /** Done with. */
  | { readonly kind: "ack" }
  /** Given up; it is among the dead letters. */
  | { readonly kind: "term" }
  /** To be delivered again, to this engine or another. */
  | { readonly kind: "later"; readonly delayMs: number };

/** Still at work: the server waits on. */
export const IN_PROGRESS = "+WPI";

/**
 * Reads where a message comes from out of its reply subject; `undefined` for what JetStream has not sent.
 *
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<timestamp>.<pending>`, or with
 * `<domain>.<account>` before the stream and a random word at the end (NATS ADR-15).
 */
export function readDelivery(message: Msg): Delivery | undefined {
  const { reply } = message;
  if (reply === undefined || !reply.startsWith("$JS.ACK.")) return undefined;
  const words = reply.split(".");
  const [stream, , deliveries, sequence, , timestampNs] = words.slice(words.length === 9 ? 2 : 4);
  if (stream === undefined || timestampNs === undefined) return undefined;
  return {
    subject: message.subject,
    data: message.data,
    headers: message.headers,
    ackSubject: reply,
    stream,
    deliveries: Number(deliveries),
    sequence: Number(sequence),
    timestampNs,
  };
}

/** When the stream took a message, in epoch milliseconds. */
export function storedAt({ timestampNs }: Delivery): number {
  return Number(timestampNs.slice(0, -6));
}

/** The words that tell the server what became of a message. */
export function toAck(settlement: Settlement): string {
  switch (settlement.kind) {
    case "ack":
      return "+ACK";
    case "term":
      return "+TERM";
    case "later":
      return settlement.delayMs <= 0
        ? "-NAK"
        : `-NAK ${JSON.stringify({ delay: Math.ceil(settlement.delayMs) * 1_000_000 })}`;
  }
}
