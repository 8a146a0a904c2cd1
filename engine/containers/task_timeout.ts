import { CodedError } from "../errors/mod.ts";
import { formatDuration } from "../spec/mod.ts";
import type { RunCommandOptions } from "../programs/mod.ts";

/** What ends a command after so long; nothing does when `ms` is undefined. */
export function timeoutOf(what: string, ms: number | undefined): RunCommandOptions["timeout"] {
  if (ms === undefined) return undefined;
  return {
    ms,
    error: () =>
      new CodedError(
        "TASK_TIMEOUT",
        `Cannot finish ${what} as its timeout is ${formatDuration(ms)}: it was stopped`,
        { fix: "Give it more with `timeout`, or less to do" },
      ),
  };
}
