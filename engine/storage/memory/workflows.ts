import type { StoredWorkflow, StoredWorkflowRecord } from "../stored_workflow.ts";
import { nextVersion, type WorkflowVersion } from "../workflow_version.ts";

/** Stored workflows: the versions of each name, oldest first. */
export class Workflows {
  readonly #versions = new Map<string, StoredWorkflow[]>();

  put(version: WorkflowVersion): StoredWorkflowRecord {
    const { name, files } = version.workflow;
    const versions = this.#versions.get(name) ?? [];
    const last = versions.at(-1);
    const next = nextVersion(version, last && toRecord(last));
    if (next.version !== last?.version) versions.push({ ...next, files: { ...files } });
    this.#versions.set(name, versions);
    return next;
  }

  get(name: string, version?: number): StoredWorkflow | undefined {
    const versions = this.#versions.get(name);
    return version === undefined
      ? versions?.at(-1)
      : versions?.find((one) => one.version === version);
  }

  list(): readonly StoredWorkflowRecord[] {
    const newest = [...this.#versions.values()].flatMap((versions) => versions.at(-1) ?? []);
    return newest.sort((a, b) => a.name < b.name ? -1 : 1).map(toRecord);
  }

  history(name: string): readonly StoredWorkflowRecord[] {
    return (this.#versions.get(name) ?? []).map(toRecord).reverse();
  }

  remove(name: string): boolean {
    return this.#versions.delete(name);
  }
}

function toRecord({ files: _, ...record }: StoredWorkflow): StoredWorkflowRecord {
  return record;
}
