import type { NodeOutcome, RetryAdvice } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { formatBytes, parseDuration } from "../spec/mod.ts";
import type { HostExit } from "./host_process.ts";
import type { HostFailure } from "./protocol.ts";

/** It was told to stop, or never began. */
export const CANCELLED: NodeOutcome = { status: "cancelled" };

/** A node's own failure, as its host tells it. */
export function failed(failure: HostFailure): NodeOutcome {
  return { status: "failed", error: failure.error, retry: adviceOf(failure.retry) };
}

/** The output of a node, as its host tells it. Text that is not JSON is the host's fault. */
export function succeeded(outputText: string): NodeOutcome {
  let output: JsonValue;
  try {
    output = JSON.parse(outputText);
  } catch {
    return brokeProtocol("?");
  }
  return { status: "succeeded", output };
}

/** Its host died, and the call was the only one there. */
export function died(exit: HostExit, node: string, memoryBytes: number): NodeOutcome {
  switch (exit.kind) {
    case "memory":
      return {
        status: "failed",
        error: {
          code: "NODE_MEMORY",
          message: `Cannot finish node "${node}" as its memory is limited to ` +
            `${formatBytes(memoryBytes)}: it needs more`,
          fix: `Set nodes.${node}.memory in workflow.yaml higher, or handle less at a time`,
        },
        retry: { kind: "policy" },
      };
    case "protocol":
      return brokeProtocol(node);
    case "crashed":
      return {
        status: "failed",
        error: {
          code: "NODE_CRASHED",
          message: `Cannot finish node "${node}" as it took its process down: ${exit.state}`,
          fix: `Look at the node's last log lines, and at what it calls natively`,
        },
        retry: { kind: "policy" },
      };
    case "killed":
      return CANCELLED;
  }
}

/** Its host died for the fault of another call, or for one that nobody can name. */
export function lost(node: string, exit: HostExit): NodeOutcome {
  const state = exit.kind === "killed"
    ? "it was killed because of another node"
    : "it died while several nodes ran in it";
  return {
    status: "lost",
    error: {
      code: "NODE_LOST",
      message: `Cannot finish this attempt of node "${node}" as its host is gone: ${state}`,
    },
  };
}

/** No host could be started for the call. */
export function notStarted(node: string, state: string): NodeOutcome {
  return {
    status: "failed",
    error: {
      code: "HOST_START_FAILED",
      message: `Cannot start a host for node "${node}" as its process does not come up: ${state}`,
      fix: "pd doctor",
    },
    retry: { kind: "policy" },
  };
}

function brokeProtocol(node: string): NodeOutcome {
  return {
    status: "failed",
    error: {
      code: "NODE_PROTOCOL",
      message:
        `Cannot understand the host of node "${node}" as bytes on its channel are no frames: ` +
        "the node wrote to a file descriptor that is not its own",
      fix: "Use console or ctx.log for text, and leave file descriptors above 2 alone",
    },
    retry: { kind: "never" },
  };
}

function adviceOf(retry: HostFailure["retry"]): RetryAdvice {
  if (retry === "policy" || retry === "never") return { kind: retry };
  const delayMs = typeof retry.after === "number" ? retry.after : parseDuration(retry.after);
  if (delayMs === undefined || !(delayMs >= 0)) return { kind: "policy" };
  return { kind: "after", delayMs };
}
