import type { NodeStatus, RunStatus } from "../../engine/executor/mod.ts";
import type { Colors } from "../terminal/mod.ts";

/** The colour of a state. */
export function statusPaint(
  status: RunStatus | NodeStatus,
  { green, red, yellow, cyan, dim }: Colors,
): (text: string) => string {
  switch (status) {
    case "succeeded":
      return green;
    case "failed":
      return red;
    case "running":
      return cyan;
    case "cancelled":
    case "interrupted":
      return yellow;
    default:
      return dim;
  }
}

/** A state as one character. */
export function statusSign(status: NodeStatus): string {
  switch (status) {
    case "succeeded":
      return "✓";
    case "failed":
      return "✗";
    case "running":
      return "»";
    case "cancelled":
      return "■";
    case "skipped":
      return "-";
    case "pending":
      return "·";
  }
}
