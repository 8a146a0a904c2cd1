/** Where runs are kept: the contract, and what fulfils it. */
export type {
  Append,
  Created,
  Idempotency,
  Lease,
  LogChunk,
  NewRun,
  Owner,
  Retention,
  RunFilter,
  RunRecord,
  RunUpdate,
  StoredRun,
  TriggerState,
} from "./records.ts";
export type { Storage } from "./storage.ts";
export { StorageError, type StorageErrorCode } from "./storage_error.ts";
