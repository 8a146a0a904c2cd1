import type { Clock } from "../../engine/clock/mod.ts";
import type { RunEvent } from "../../engine/executor/mod.ts";
import type { Colors } from "./colors.ts";
import type { Io } from "./io.ts";
import { LineProgress } from "./line_progress.ts";
import { TreeProgress } from "./tree_progress.ts";

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

/** A tree that repaints itself on a terminal, plain lines off it, nothing with `-q`. On stderr. */
export function openProgress(
  title: string,
  nodes: readonly ProgressNode[],
  options: ProgressOptions,
): Progress {
  if (options.quiet) return { event() {}, end() {} };
  const { stderr } = options.io;
  if (stderr.isTerminal && stderr.size() !== undefined && options.io.env("TERM") !== "dumb") {
    return new TreeProgress(title, nodes, options);
  }
  return new LineProgress(nodes, options);
}
