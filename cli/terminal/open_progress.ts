import { LineProgress } from "./line_progress.ts";
import type { Progress, ProgressNode, ProgressOptions } from "./progress.ts";
import { TreeProgress } from "./tree_progress.ts";

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
