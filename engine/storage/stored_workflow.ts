/** A pipeline or workflow that can be run by its name. */
export interface StoredWorkflow extends StoredWorkflowRecord {
  /** Path → text of each file (base64 behind `data:;base64,` for what is no text), `workflow.yaml` among them for a workflow; a pipeline is one bundled module. */
  readonly files: { readonly [path: string]: string };
}

/** One version of it, without its content. */
export interface StoredWorkflowRecord {
  /** UUIDv7; stays the same over the versions of a name. */
  readonly id: string;
  /** Kebab-case, at most 63. */
  readonly name: string;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly kind: "pipeline" | "workflow";
  /** DSN to run on unless told otherwise; never with a secret in it. */
  readonly driver: string | undefined;
  /** Where it came from, for people: a path. */
  readonly source: string;
  /** SHA-256 in hexadecimal digits, of its kind, driver and files. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** What is stored: as a new version of its name, or as the first. */
export interface NewStoredWorkflow {
  readonly name: string;
  readonly kind: "pipeline" | "workflow";
  readonly driver: string | undefined;
  readonly source: string;
  readonly files: { readonly [path: string]: string };
  readonly createdAt: number;
}

/**
 * Stored workflows, part of `Storage`. Versions are never changed: going back makes a new one. Concurrent calls
 * for one name give one version each.
 */
export interface WorkflowStore {
  /** Adds a version; the same id as the versions before. Storing what the newest version already is answers that one. */
  putWorkflow(workflow: NewStoredWorkflow): Promise<StoredWorkflowRecord>;
  /** The newest version, or that one. */
  getWorkflow(name: string, version?: number): Promise<StoredWorkflow | undefined>;
  /** The newest version of each name, by name. */
  listWorkflows(): Promise<readonly StoredWorkflowRecord[]>;
  /** All versions of a name, newest first. */
  workflowHistory(name: string): Promise<readonly StoredWorkflowRecord[]>;
  /** Removes every version of a name; false when there is none. Runs of it stay. */
  removeWorkflow(name: string): Promise<boolean>;
}
