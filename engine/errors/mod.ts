/** Errors that are thrown on purpose: the base class, their stable codes, and those that nodes throw. */
export { CodedError } from "./coded_error.ts";
export { ERROR_CODES, type ErrorCode } from "./codes.ts";
export { RetryableError, type RetryableErrorOptions, TerminalError } from "./node_errors.ts";
export { PdError, type PdErrorOptions } from "./pd_error.ts";
