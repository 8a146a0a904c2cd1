import type { Clock } from "../../engine/clock/mod.ts";
import type { RunEvent } from "../../engine/executor/mod.ts";
import type { Colors } from "./colors.ts";
import type { Io } from "./io.ts";

/** A node as progress shows it. */
export interface ProgressNode {
  readonly id: string;
  readonly stage: number;
  /** Attempts that its retry policy allows. */
  readonly maxAttempts: number;
}

/** Shows a run while it goes on: a projection of its events. */
export interface Progress {
  event(event: RunEvent): void;
  /** Shows the final state and lets go of the terminal. May be called again. */
  end(): void;
}

/** What progress needs. */
export interface ProgressOptions {
  readonly io: Io;
  readonly colors: Colors;
  /** No progress, and no log lines. */
  readonly quiet: boolean;
  /** Show log lines of level `debug` too. */
  readonly verbose: boolean;
  readonly clock: Clock;
}
