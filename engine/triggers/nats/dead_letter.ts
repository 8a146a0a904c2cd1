import { headers as createHeaders, type MsgHdrs } from "@nats-io/transport-node";
import type { ErrorRecord } from "../../executor/mod.ts";
import { type Delivery, storedAt } from "./delivery.ts";

/** Why a message was given up, and what was tried. */
export interface DeadLetterReason {
  /** Redacted. */
  readonly error: Pick<ErrorRecord, "code" | "message">;
  readonly workflow: string;
  readonly trigger: string;
  /** The last run that it started, if it started any. */
  readonly runId: string | undefined;
  /** How many runs it started. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Headers of a dead letter, beside those that the message had. */
export const DEAD_LETTER_HEADERS = {
  code: "Pd-Error-Code",
  error: "Pd-Error",
  subject: "Pd-Subject",
  stream: "Pd-Stream",
  sequence: "Pd-Sequence",
  messageId: "Pd-Msg-Id",
  deliveries: "Pd-Deliveries",
  attempts: "Pd-Attempts",
  firstSeen: "Pd-First-Seen",
  failedAt: "Pd-Failed-At",
  runId: "Pd-Run-Id",
  workflow: "Pd-Workflow",
  trigger: "Pd-Trigger",
} as const;

const MAX_ERROR_LENGTH = 1_000;

/** The headers that a message takes along when it is given up. */
export function toDeadLetterHeaders(delivery: Delivery, reason: DeadLetterReason): MsgHdrs {
  const headers = ownHeaders(delivery.headers);
  const messageId = delivery.headers?.get("Nats-Msg-Id") ?? "";
  const entries: readonly (readonly [string, string | undefined])[] = [
    [DEAD_LETTER_HEADERS.code, reason.error.code],
    [DEAD_LETTER_HEADERS.error, oneLine(reason.error.message)],
    [DEAD_LETTER_HEADERS.subject, delivery.subject],
    [DEAD_LETTER_HEADERS.stream, delivery.stream],
    [DEAD_LETTER_HEADERS.sequence, String(delivery.sequence)],
    [DEAD_LETTER_HEADERS.messageId, messageId === "" ? undefined : messageId],
    [DEAD_LETTER_HEADERS.deliveries, String(delivery.deliveries)],
    [DEAD_LETTER_HEADERS.attempts, String(reason.attempts)],
    [DEAD_LETTER_HEADERS.firstSeen, new Date(storedAt(delivery)).toISOString()],
    [DEAD_LETTER_HEADERS.failedAt, new Date(reason.at).toISOString()],
    [DEAD_LETTER_HEADERS.runId, reason.runId],
    [DEAD_LETTER_HEADERS.workflow, reason.workflow],
    [DEAD_LETTER_HEADERS.trigger, oneLine(reason.trigger)],
  ];
  for (const [name, value] of entries) if (value !== undefined) headers.set(name, value);
  return headers;
}

/** What the sender wrote: without what steers the server, and without what a dead letter adds. */
export function ownHeaders(headers: MsgHdrs | undefined): MsgHdrs {
  const own = createHeaders();
  const added = new Set<string>(Object.values(DEAD_LETTER_HEADERS));
  for (const [name, values] of headers ?? []) {
    if (/^nats-/i.test(name) || added.has(name)) continue;
    for (const value of values) own.append(name, value);
  }
  return own;
}

/** A header is one line of text. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_ERROR_LENGTH);
}
