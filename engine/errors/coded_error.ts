import type { ErrorCode } from "./codes.ts";
import { PdError, type PdErrorOptions } from "./pd_error.ts";

/** An error of any listed code, for places where a class of its own would add nothing. */
export class CodedError extends PdError {
  override readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: PdErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
