import type { JsonObject } from "../json/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";

/** Which version of a repository's workflow, or of a template at work for it, a run has. */
export interface Revision {
  readonly repository: string;
  readonly commit: string;
  /** Folder of the workflow in the checkout; empty for its root. */
  readonly folder?: string;
  /** The stored workflow that runs, in place of the commit's own. */
  readonly template?: string;
  readonly version?: number;
  /** Why the commit cannot be run: a run of it fails with these words. */
  readonly problem?: string;
}

/** A spec that says which revision it is of: kept with every run. */
export function withRevision(spec: WorkflowSpec, revision: Revision): WorkflowSpec {
  return { ...spec, revision: { ...revision } as JsonObject };
}

/** The revision that a spec is of. */
export function revisionOf({ revision }: WorkflowSpec): Revision {
  return revision as unknown as Revision;
}
