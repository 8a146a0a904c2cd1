import { PdError } from "../errors/mod.ts";

/** What can go wrong with a driver itself. */
export type DriverErrorCode =
  /** Its engine does not answer, is not installed, or refuses us. */
  | "DRIVER_UNAVAILABLE"
  /** A DSN that cannot be read, or names no driver. */
  | "DRIVER_INVALID"
  /** It cannot do what was asked: a capability that it does not declare. */
  | "NOT_SUPPORTED"
  /** The image is not there and may not or cannot be fetched. */
  | "IMAGE_UNAVAILABLE"
  /** The container cannot be made as asked. */
  | "TASK_INVALID"
  /** An archive that leaves its folder, or is damaged. */
  | "ARCHIVE_INVALID";

/** An error of a driver, as opposed to the failure of a command, which is a result. */
export class DriverError extends PdError {
  override readonly name = "DriverError";
  override readonly code: DriverErrorCode;

  constructor(
    code: DriverErrorCode,
    message: string,
    options: { readonly fix?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.code = code;
  }
}
