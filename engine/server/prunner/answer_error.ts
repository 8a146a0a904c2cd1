import { TokenError } from "../../auth/mod.ts";
import { CodedError, PdError } from "../../errors/mod.ts";
import { errorResponse } from "../error_response.ts";
import { jsonResponse, SECURITY_HEADERS } from "../json_response.ts";

/** A refusal in prunner's own words. */
export class PrunnerError extends CodedError {
  readonly status: number;

  constructor(status: 400 | 404 | 500, message: string) {
    super(status === 404 ? "NOT_FOUND" : status === 400 ? "BAD_REQUEST" : "RUN_OVER", message);
    this.status = status;
  }
}

/** The answer as prunner gives it: plain text for a token that does not count, else `{error}`. */
export function answerError(error: unknown): Response {
  if (error instanceof TokenError) {
    return new Response(`${error.problem}\n`, {
      status: 401,
      headers: { "content-type": "text/plain; charset=utf-8", ...SECURITY_HEADERS },
    });
  }
  if (error instanceof PrunnerError) return refuse(error.status, error.message);
  if (error instanceof PdError && error.code === "DRAINING") {
    return refuse(503, "Server is shutting down");
  }
  const known = errorResponse(error);
  const retryAfter = known.headers.get("retry-after");
  const message = error instanceof PdError ? error.message : "Internal error";
  return refuse(known.status, message, retryAfter === null ? {} : { "retry-after": retryAfter });
}

function refuse(
  status: number,
  error: string,
  headers?: { readonly [name: string]: string },
): Response {
  return jsonResponse(status, { error }, headers);
}
