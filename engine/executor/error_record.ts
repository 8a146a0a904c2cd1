import { type ErrorCode, PdError } from "../errors/mod.ts";
import type { ErrorRecord } from "./events.ts";
import type { NodeOutcome } from "./node_runner.ts";

/** An error as events carry it; what nobody threw on purpose is `INTERNAL`. */
export function recordOf(error: unknown): ErrorRecord {
  if (!(error instanceof PdError)) {
    return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, fix, exitCode } = error;
  return {
    code,
    message,
    ...fix === undefined ? {} : { fix },
    ...exitCode === undefined ? {} : { exitCode },
  };
}

/** A failure that no further attempt would mend. */
export function failedForGood(code: ErrorCode, message: string, fix: string): NodeOutcome {
  return { status: "failed", error: { code, message, fix }, retry: { kind: "never" } };
}
