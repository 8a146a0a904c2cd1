import type { Storage } from "../storage/mod.ts";
import type { StorageTally } from "./storage_tally.ts";

/** The same storage, its appends measured. Disposing it disposes the storage. */
export function withStorageTally(storage: Storage, tally: StorageTally): Storage {
  return {
    kind: storage.kind,
    leaseIntervalMs: storage.leaseIntervalMs,
    append: (append) => tally.append(storage, append),
    createRun: (run, owner) => storage.createRun(run, owner),
    findKeyedRun: (workflowKey, key) => storage.findKeyedRun(workflowKey, key),
    getRun: (runId) => storage.getRun(runId),
    listRuns: (filter) => storage.listRuns(filter),
    countRuns: (workflowKey) => storage.countRuns(workflowKey),
    readEvents: (runId, afterSeq, limit) => storage.readEvents(runId, afterSeq, limit),
    readLog: (runId, options) => storage.readLog(runId, options),
    onChange: (listener) => storage.onChange(listener),
    claimRuns: (owner, options) => storage.claimRuns(owner, options),
    renewLeases: (owner, runIds) => storage.renewLeases(owner, runIds),
    releaseRun: (lease) => storage.releaseRun(lease),
    requestCancel: (runId) => storage.requestCancel(runId),
    cancelRequests: (owner) => storage.cancelRequests(owner),
    deleteRun: (runId) => storage.deleteRun(runId),
    applyRetention: (retention) => storage.applyRetention(retention),
    getTriggerState: (workflowKey, trigger) => storage.getTriggerState(workflowKey, trigger),
    setTriggerState: (workflowKey, trigger, value, expected) =>
      storage.setTriggerState(workflowKey, trigger, value, expected),
    getDocument: (kind, id) => storage.getDocument(kind, id),
    listDocuments: (kind) => storage.listDocuments(kind),
    putDocument: (document, expected) => storage.putDocument(document, expected),
    removeDocument: (kind, id) => storage.removeDocument(kind, id),
    putWorkflow: (workflow) => storage.putWorkflow(workflow),
    getWorkflow: (name, version) => storage.getWorkflow(name, version),
    listWorkflows: () => storage.listWorkflows(),
    workflowHistory: (name) => storage.workflowHistory(name),
    removeWorkflow: (name) => storage.removeWorkflow(name),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}
