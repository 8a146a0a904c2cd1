import { PdError, type PdErrorOptions } from "../errors/mod.ts";

/** Why a storage did not do what it was asked. */
export type StorageErrorCode =
  | "STORAGE_UNAVAILABLE"
  | "STORAGE_DAMAGED"
  | "STORAGE_TOO_NEW"
  | "STORAGE_INVALID"
  | "LEASE_LOST";

/** An error of a storage. Only `STORAGE_UNAVAILABLE` may pass by itself. */
export class StorageError extends PdError {
  override readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options: PdErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
