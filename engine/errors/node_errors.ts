import { PdError, type PdErrorOptions } from "./pd_error.ts";

/** Thrown by a node to fail at once: no retry follows, whatever its policy says. */
export class TerminalError extends PdError {
  override readonly code = "NODE_TERMINAL";
}

/** How a node steers its next attempt. */
export interface RetryableErrorOptions extends PdErrorOptions {
  /** Wait before the next attempt: milliseconds, or a duration such as `"1m30s"`. */
  readonly after?: number | string;
}

/** Thrown by a node to be tried again, optionally after a wait of its own choice. */
export class RetryableError extends PdError {
  override readonly code = "NODE_RETRYABLE";
  readonly after: number | string | undefined;

  constructor(message: string, options: RetryableErrorOptions = {}) {
    super(message, options);
    this.after = options.after;
  }
}
