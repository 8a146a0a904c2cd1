import { PdError } from "../errors/mod.ts";
import type { TokenProblem } from "./token.ts";

/** A request came without a token that counts. `TOKEN_MISSING` without any, else `TOKEN_INVALID`. */
export class TokenError extends PdError {
  override readonly code: "TOKEN_MISSING" | "TOKEN_INVALID";
  /** In the words that prunner's clients know. */
  readonly problem: TokenProblem;

  constructor(problem: TokenProblem) {
    const isMissing = problem === "no token found";
    super(
      isMissing
        ? "Cannot answer this request as every caller needs a token: it came without one"
        : `Cannot answer this request as its token does not count: ${STATES[problem]}`,
      {
        fix: isMissing
          ? "pd token create, then send Authorization: Bearer <token>"
          : "pd token create --ttl 1h, where the server's configuration is",
      },
    );
    this.code = isMissing ? "TOKEN_MISSING" : "TOKEN_INVALID";
    this.problem = problem;
  }
}

const STATES: { readonly [problem in TokenProblem]: string } = {
  "no token found": "there is none",
  "token is unauthorized": "it is no token of this server",
  "token is expired": "it has expired",
  "token nbf validation failed": "it is not valid yet",
  "token iat validation failed": "it was issued in the future",
};
