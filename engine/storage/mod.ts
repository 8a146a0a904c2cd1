/** Where runs are kept: the contract, and what fulfils it. */
export { dataDir, defaultStorageUrl } from "./default_storage_url.ts";
export { FINISHED, isOver, UNFINISHED } from "./is_over.ts";
export type { DocumentStore, DocumentWrite, StoredDocument } from "./documents.ts";
export type { OpenStorageOptions } from "./open_options.ts";
export { openStorage } from "./open_storage.ts";
export { currentOwner, isOwnerAlive } from "./owner.ts";
export type {
  Append,
  Created,
  Idempotency,
  KeyedRun,
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
export type {
  NewStoredWorkflow,
  StoredWorkflow,
  StoredWorkflowRecord,
  WorkflowStore,
} from "./stored_workflow.ts";
export { workflowHash } from "./workflow_version.ts";
export { workflowKeyOf } from "./workflow_key.ts";
