import type { RunEvent } from "../executor/mod.ts";
import type { Storage } from "../storage/mod.ts";
import type { Trigger } from "../triggers/mod.ts";
import type { Run, Workflow } from "../workflow/mod.ts";

/** Where a workflow came from. */
export interface WorkflowOrigin {
  readonly kind: "folder" | "stored" | "pipelines" | "repository";
  /** Of the folder, the `pipelines.yml` or the repository; the name of a stored one. */
  readonly place: string;
}

/** One workflow that this process has open. */
export interface RegisteredWorkflow {
  /** Unique in the registry. */
  readonly name: string;
  readonly origin: WorkflowOrigin;
  readonly workflow: Workflow;
  /** Triggers that are at work now. */
  triggers(): readonly Trigger[];
  /** Names of triggers that start nothing until they go on; nothing can be paused without it. */
  pausedTriggers?(): readonly string[];
  /**
   * Pauses a trigger, or lets it go on: kept in the storage. Its webhook refuses meanwhile.
   *
   * @throws {CodedError} `NOT_FOUND` when the workflow has no trigger of that name
   */
  pauseTrigger?(trigger: string, isPaused: boolean): Promise<void>;
}

/** Something that could not be loaded; what was there before goes on. */
export interface RegistryProblem {
  readonly place: string;
  /** All that is wrong, a line each. */
  readonly message: string;
}

/** The run of an id, and whose it is. */
export interface FoundRun {
  readonly entry: RegisteredWorkflow;
  readonly run: Run;
}

/**
 * The workflows that one process has open over one storage. What is loaded again replaces what it was: runs go on
 * with the version that they began with.
 */
export interface Registry extends AsyncDisposable {
  readonly storage: Storage;
  /** By name. */
  list(): readonly RegisteredWorkflow[];
  get(name: string): RegisteredWorkflow | undefined;
  /** What could not be loaded at the last look. */
  problems(): readonly RegistryProblem[];
  /** A run of one of these workflows; undefined for those of others. */
  findRun(runId: string): Promise<FoundRun | undefined>;
  /** Looks at every source again. Never rejects: what is wrong is a problem. */
  reload(): Promise<void>;
  /** Redacted events of every run here, once stored; the returned function ends it. */
  subscribe(listener: (event: RunEvent, entry: RegisteredWorkflow) => void): () => void;
  /** Calls back after workflows came, went or changed; the returned function ends it. */
  onChange(listener: () => void): () => void;
  readonly isDraining: boolean;
  /**
   * Starts nothing more. `queued: "cancel"` ends runs that wait for their turn, `"keep"` leaves them to the next
   * start. Waits up to `graceMs` for those that go on, and gives the rest up.
   */
  drain(options: { readonly graceMs: number; readonly queued: "cancel" | "keep" }): Promise<void>;
}
