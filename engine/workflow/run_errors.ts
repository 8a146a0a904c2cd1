import { CodedError, PdError } from "../errors/mod.ts";

/** The run of an idempotency key is over, and was deleted since. */
export class RunGoneError extends PdError {
  override readonly code = "RUN_GONE";
  readonly runId: string;

  constructor(runId: string) {
    super(
      `Cannot answer with run "${runId}" as a repetition: it is over, and too old to be remembered`,
      { fix: "Add ?wait=false to get its id alone, or send a new Idempotency-Key" },
    );
    this.runId = runId;
  }
}

/** Whoever waits for the result of a run gets none from this engine, which has given the run up. */
export class RunInterruptedError extends PdError {
  override readonly code = "RUN_INTERRUPTED";
  readonly runId: string;

  /** @param state Why the engine gave it up: `CODE: message`. */
  constructor(runId: string, state: string) {
    const [, own] = state.match(/^RUN_INTERRUPTED: (.*)$/s) ?? [];
    super(own ?? `Cannot finish run "${runId}" here as asked: ${state}`, {
      fix: `pd runs resume ${runId}`,
    });
    this.runId = runId;
  }
}

/** A run cannot go on with the files of today. Its code is that of the cause. */
export class RunStuckError extends PdError {
  override readonly code: string;

  constructor(runId: string, cause: unknown) {
    const known = cause instanceof PdError ? cause : undefined;
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot go on with run "${runId}" as it began: ${message}`, {
      ...known?.fix === undefined ? {} : { fix: known.fix },
      cause,
    });
    this.code = known?.code ?? "INTERNAL";
  }
}

/** A stored value holds a secret that the workflow does not have any more. */
export class SecretGoneError extends PdError {
  override readonly code = "SECRET_GONE";

  /** @param what `input`, `output of node "a"` … */
  constructor(what: string, missing: readonly string[]) {
    super(
      `Cannot restore the ${what} as it holds a secret that is gone: ${missing.join(", ")}`,
      { fix: "Put the secret back where it was, and start the workflow again" },
    );
  }
}

/** No such run. */
export function notFound(runId: string): CodedError {
  return new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${runId}" as a run of this workflow: it never was, or was deleted`,
    { fix: "pd runs list" },
  );
}

/** No run starts any more. */
export function draining(workflow: string): CodedError {
  return new CodedError(
    "DRAINING",
    `Cannot start "${workflow}" as asked: the engine is shutting down`,
    { fix: "Try again in a few seconds, when the next one is up" },
  );
}

/** A key came with another input than before. */
export function idempotencyConflict(key: string): CodedError {
  return new CodedError(
    "IDEMPOTENCY_CONFLICT",
    `Cannot start a run with the key "${key}" as a repetition: it came with another input before`,
    { fix: "Send the same body as the first time, or a new Idempotency-Key" },
  );
}

/** The run took longer than its caller allowed. */
export function timedOut(runId: string, timeoutMs: number): CodedError {
  return new CodedError(
    "RUN_TIMEOUT",
    `Cannot finish run "${runId}" as timed: it took longer than ${timeoutMs} ms`,
    { fix: "Give the run more time, or a node of it a shorter timeout" },
  );
}

/** Why a run was ended from outside. */
export function cancelled(runId: string, why: string): CodedError {
  return new CodedError("RUN_CANCELLED", `Cannot finish run "${runId}" as started: ${why}`, {
    fix: "Start the workflow again",
  });
}

/** The engine lets go of a run that is not over. */
export function interrupted(runId: string, why: string): CodedError {
  return new CodedError(
    "RUN_INTERRUPTED",
    `Cannot finish run "${runId}" here as ${why}: it goes on when an engine takes it up`,
    { fix: `pd runs resume ${runId}` },
  );
}
