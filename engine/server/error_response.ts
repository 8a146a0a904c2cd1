import { CodedError, PdError } from "../errors/mod.ts";
import { InputInvalidError, RunGoneError, RunInterruptedError } from "../workflow/mod.ts";
import { FieldError } from "./field_error.ts";
import { jsonResponse } from "./json_response.ts";

const STATUS_OF: { readonly [code: string]: number | undefined } = {
  BAD_REQUEST: 400,
  INPUT_INVALID: 400,
  TEMPLATE_INVALID: 400,
  SPEC_NAME: 400,
  USAGE: 400,
  PATH_ESCAPE: 400,
  GIT_URL_INVALID: 400,
  GIT_REF_INVALID: 400,
  // Of workflows that came with the request.
  WORKFLOW_NOT_FOUND: 400,
  WORKFLOW_INVALID: 400,
  PIPELINE_INVALID: 400,
  NODE_NOT_FOUND: 400,
  TOKEN_MISSING: 401,
  TOKEN_INVALID: 401,
  WEBHOOK_REFUSED: 401,
  FORBIDDEN_ORIGIN: 403,
  SCOPE_MISSING: 403,
  WEBHOOK_UNVERIFIED: 403,
  NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  TARGET_NOT_FOUND: 404,
  COMMIT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ALREADY_EXISTS: 409,
  REVISION_CONFLICT: 409,
  RUN_OVER: 409,
  RUN_OWNED: 409,
  RUN_UNFINISHED: 409,
  SECRET_GONE: 409,
  RUN_GONE: 410,
  BODY_TOO_LARGE: 413,
  WORKFLOW_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_CONFLICT: 422,
  CHECKOUT_TOO_LARGE: 422,
  QUEUE_FULL: 429,
  RATE_LIMITED: 429,
  NOT_AVAILABLE: 501,
  REPOSITORY_UNAVAILABLE: 502,
  DRAINING: 503,
  RUN_INTERRUPTED: 503,
  STORAGE_UNAVAILABLE: 503,
  TRIGGER_UNAVAILABLE: 503,
};

/** Seconds after which a client that was turned away may try again. */
const RETRY_AFTER_S: { readonly [code: string]: number | undefined } = {
  QUEUE_FULL: 1,
  RATE_LIMITED: 1,
  DRAINING: 5,
  STORAGE_UNAVAILABLE: 5,
  TRIGGER_UNAVAILABLE: 60,
};

/**
 * The answer to a request that failed: `{error: {code, message, fix}}` with the status of its code.
 * `field` among them is the part of the request that is not as described, `problems` lists everything that is wrong
 * with an input, `runId` beside them is the run that the request was about, where there is one.
 */
export function errorResponse(
  error: unknown,
  headers: { readonly [name: string]: string } = {},
): Response {
  const known = error instanceof PdError ? error : internal(error);
  const retryAfterS = RETRY_AFTER_S[known.code];
  return jsonResponse(STATUS_OF[known.code] ?? 500, {
    error: {
      code: known.code,
      message: known.message,
      fix: known.fix ?? null,
      ...known instanceof FieldError ? { field: known.field } : {},
      ...known instanceof InputInvalidError ? { problems: known.problems } : {},
    },
    ...known instanceof RunInterruptedError || known instanceof RunGoneError
      ? { runId: known.runId }
      : {},
  }, retryAfterS === undefined ? headers : { ...headers, "retry-after": String(retryAfterS) });
}

/** An unforeseen error may say anything, so its own words stay inside. */
function internal(cause: unknown): PdError {
  return new CodedError("INTERNAL", "Cannot answer this request as asked: the engine failed", {
    fix: "Look at the engine's log, and report it as a defect",
    cause,
  });
}
