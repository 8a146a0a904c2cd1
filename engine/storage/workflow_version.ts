import type { NewStoredWorkflow, StoredWorkflowRecord } from "./stored_workflow.ts";

/** A workflow on its way into a storage: with its hash, and the id that it gets when its name is new. */
export interface WorkflowVersion {
  readonly workflow: NewStoredWorkflow;
  readonly hash: string;
  readonly newId: string;
}

/** Makes what a storage needs to know of a workflow before it writes. */
export async function toVersion(workflow: NewStoredWorkflow): Promise<WorkflowVersion> {
  return { workflow, hash: await workflowHash(workflow), newId: uuidV7(workflow.createdAt) };
}

/** SHA-256 in hexadecimal digits: equal for the same kind, driver and files. */
export async function workflowHash(
  { kind, driver, files }: Pick<NewStoredWorkflow, "kind" | "driver" | "files">,
): Promise<string> {
  const sorted = Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1);
  const bytes = new TextEncoder().encode(JSON.stringify([kind, driver ?? null, sorted]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** What follows on `last`, the newest version of the name: that one, when it is the same already. */
export function nextVersion(
  { workflow, hash, newId }: WorkflowVersion,
  last: StoredWorkflowRecord | undefined,
): StoredWorkflowRecord {
  if (last?.hash === hash) return last;
  const { name, kind, driver, source, createdAt } = workflow;
  const version = (last?.version ?? 0) + 1;
  return { id: last?.id ?? newId, name, version, kind, driver, source, hash, createdAt };
}

/** An id of that time (RFC 9562, section 5.7). */
function uuidV7(atMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(atMs / 0x10000));
  view.setUint16(4, atMs % 0x10000);
  bytes[6] = 0x70 | (view.getUint8(6) & 0x0f);
  bytes[8] = 0x80 | (view.getUint8(8) & 0x3f);
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
