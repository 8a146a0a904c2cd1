import { CodedError } from "../../errors/mod.ts";

/** A caller asks for more than it may have. The answer says when to try again. */
export class RateLimitedError extends CodedError {
  /** Whole seconds, for `Retry-After`. */
  readonly retryAfterS: number;

  constructor(what: string, waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    super("RATE_LIMITED", `Cannot answer this request as asked: ${what}`, {
      fix: `Try again in ${seconds} s`,
    });
    this.retryAfterS = seconds;
  }
}
