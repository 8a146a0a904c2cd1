import type { HttpMode, Secrets } from "../context/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { CallAsks } from "./call_asks.ts";
import { CANCELLED } from "./outcomes.ts";

/** What a test of a single node puts in place of the workflow's own. */
export interface CallOverrides {
  readonly config?: JsonObject;
  readonly secrets?: Secrets;
  readonly http?: HttpMode;
}

/**
 * A call on its way through a pool: `queued` in the pool, `sent` to a host that has not begun it,
 * `begun` there, `settled`.
 */
export class PooledCall {
  readonly id: number;
  readonly call: NodeCall;
  readonly overrides: CallOverrides;
  readonly outcome: Promise<NodeOutcome>;
  state: "queued" | "sent" | "begun" | "settled" = "queued";
  /** Its signal fired: whatever it answers from now on, it was cancelled. */
  isAborted = false;
  /** Recordings that must be on disk before the outcome is told. */
  saves: Promise<void>[] | undefined;
  /** What it has asked its engine for; made with the first question. */
  asks: CallAsks | undefined;
  #resolve!: (outcome: NodeOutcome) => void;

  constructor(id: number, call: NodeCall, overrides: CallOverrides) {
    this.id = id;
    this.call = call;
    this.overrides = overrides;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Tells the outcome; only the first one counts, and an aborted call was cancelled. */
  settle(outcome: NodeOutcome): void {
    if (this.state === "settled") return;
    this.state = "settled";
    this.asks?.end();
    const told = this.isAborted ? CANCELLED : outcome;
    if (this.saves === undefined) return this.#resolve(told);
    Promise.allSettled(this.saves).then(() => this.#resolve(told));
  }
}
