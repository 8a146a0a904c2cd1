import { permissionDenied } from "../../context/mod.ts";
import { PdError, RetryableError, TerminalError } from "../../errors/mod.ts";
import type { ErrorRecord } from "../../executor/mod.ts";
import type { HostFailure } from "../protocol.ts";

/** Errors of the engine that another attempt may be spared. */
const MAY_PASS: ReadonlySet<string> = new Set([
  "NODE_FAILED",
  "PROCESS_FAILED",
  "PROCESS_TIMEOUT",
  "DRIVER_UNAVAILABLE",
  "IMAGE_UNAVAILABLE",
]);

/** What is known about the place where an error came up. */
export interface FailurePlace {
  readonly node: string;
  /** `file:` URL of the workflow folder with a trailing slash. */
  readonly folderUrl: string;
  /** The wait that a service asked for, when it was the last thing the node heard. */
  readonly retryAfterMs?: number | undefined;
}

/** Turns whatever a node threw into a failure that can leave its process. */
export function toFailure(thrown: unknown, place: FailurePlace): HostFailure {
  const stack = stackOf(thrown, place.folderUrl);
  if (!(thrown instanceof Error)) {
    return {
      error: { code: "NODE_FAILED", message: `Node "${place.node}" threw ${describe(thrown)}` },
      retry: "policy",
    };
  }
  if (thrown instanceof TerminalError) {
    return { error: record(thrown.code, thrown, stack), retry: "never" };
  }
  if (thrown instanceof RetryableError) {
    const retry = thrown.after === undefined ? "policy" : { after: thrown.after };
    return { error: record(thrown.code, thrown, stack), retry };
  }
  const denied = permissionDenied(thrown, place.node);
  if (denied !== undefined) return { error: record(denied.code, denied, stack), retry: "never" };
  if (thrown instanceof PdError) {
    const mayPass = thrown.exitCode !== undefined || MAY_PASS.has(thrown.code);
    const retry = mayPass ? "policy" : "never";
    return { error: record(thrown.code, thrown, stack), retry };
  }
  const after = place.retryAfterMs;
  const said = withCause(thrown);
  const message = thrown.name === "Error" ? said : `${thrown.name}: ${said}`;
  return {
    error: withStack(
      { code: "NODE_FAILED", message: message === "" ? thrown.name : message },
      stack,
    ),
    retry: after === undefined ? "policy" : { after },
  };
}

/** With what the runtime says about the reason: "fetch failed" alone names neither host nor cause. */
function withCause(thrown: Error): string {
  const { message, cause } = thrown;
  if (!(cause instanceof Error) || cause.message === "" || message.includes(cause.message)) {
    return message;
  }
  return message === "" ? cause.message : `${message}: ${cause.message}`;
}

/** A failure to load a module: `NODE_INVALID` unless the reason is a missing right. */
export function toLoadFailure(thrown: unknown, place: FailurePlace): HostFailure {
  const denied = thrown instanceof Error ? permissionDenied(thrown, place.node) : undefined;
  if (denied !== undefined) {
    return { error: record(denied.code, denied, undefined), retry: "never" };
  }
  const text = shorten(
    thrown instanceof Error ? thrown.message : describe(thrown),
    place.folderUrl,
  );
  // The runtime ends what it says about a module with the place itself.
  const stack = /\n +at \.\//.test(text) ? undefined : stackOf(thrown, place.folderUrl);
  return {
    error: withStack({
      code: "NODE_INVALID",
      message: `Cannot load node "${place.node}" as its module fails: ${text}`,
      fix: `Correct the module that "nodes.${place.node}.path" in workflow.yaml names`,
    }, stack),
    retry: "never",
  };
}

function record(code: string, error: PdError, stack: string | undefined): ErrorRecord {
  const { message, fix, exitCode } = error;
  const plain = {
    code,
    message,
    ...fix === undefined ? {} : { fix },
    ...exitCode === undefined ? {} : { exitCode },
  };
  return withStack(plain, stack);
}

function withStack(error: ErrorRecord, stack: string | undefined): ErrorRecord {
  return stack === undefined ? error : { ...error, stack };
}

/** The frames of the node's own files, with paths relative to the workflow folder. */
function stackOf(thrown: unknown, folderUrl: string): string | undefined {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return undefined;
  const frames = thrown.stack.split("\n").filter((line) =>
    line.trimStart().startsWith("at ") && line.includes(folderUrl)
  );
  if (frames.length === 0) return undefined;
  return frames.slice(0, 20).map((line) => shorten(line, folderUrl)).join("\n");
}

function shorten(text: string, folderUrl: string): string {
  return text.replaceAll(folderUrl, "./").replace(/\?v=\d+/g, "");
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  return Deno.inspect(value, { colors: false, depth: 2, strAbbreviateSize: 200 });
}
