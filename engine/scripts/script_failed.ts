import type { NodeOutcome } from "../executor/mod.ts";

/** A script that ended with another exit code than 0; clients of a pipeline service look at the message. */
export function scriptFailed(code: number): NodeOutcome {
  const exitCode = Math.min(255, Math.max(1, Math.trunc(code)));
  return {
    status: "failed",
    error: {
      code: "STEP_FAILED",
      message: `exit status ${exitCode}`,
      fix: 'Read the last lines of its output; "allow_failure: true" lets the run go on without it',
      exitCode,
    },
    retry: { kind: "policy" },
  };
}
