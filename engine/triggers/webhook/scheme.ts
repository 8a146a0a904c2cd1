import type { JsonValue } from "../../json/mod.ts";
import type { Delivery } from "./delivery.ts";

/** What a delivery is held against. */
export interface Proof {
  /** Never empty. */
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How far a signed time may be from `now`, before or behind it. */
  readonly toleranceMs: number;
}

/** An answer that the sender wants of a delivery that starts no run. */
export type Greeting =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "json"; readonly value: JsonValue };

/** How one kind of sender proves itself, and where it writes what. Each file of this folder has one. */
export interface WebhookScheme {
  /**
   * Why a delivery does not prove its sender; `undefined` when it does. For the operator's log: a caller who
   * learned it could use it. Secrets are compared in constant time.
   */
  flaw(delivery: Delivery, proof: Proof): string | undefined;
  /** Names by which `events:` may ask for it, the plainest first; none when the sender names no event. */
  events(delivery: Delivery, input: JsonValue): readonly string[];
  /** What is the same in each repetition of a delivery; `undefined` when nothing tells a repetition. */
  key(delivery: Delivery, input: JsonValue): string | undefined;
  /** What to answer at once; `undefined` for a delivery that is about something. */
  greet(delivery: Delivery, input: JsonValue): Greeting | undefined;
}

/** For senders that never ask for an answer of their own. */
export function greetNobody(): undefined {
  return undefined;
}
