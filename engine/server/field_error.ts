import { PdError } from "../errors/mod.ts";

/** A request with one part that is not as described. */
export class FieldError extends PdError {
  override readonly code = "BAD_REQUEST";
  /** Where it stands: `limit`, `input.topic`, `schedule`; `body` when it is the whole. */
  readonly field: string;

  constructor(field: string, state: string, fix: string) {
    super(`Cannot read "${field}" as part of this request: ${state}`, { fix });
    this.field = field;
  }
}
