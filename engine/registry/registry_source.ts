import type { Workflow } from "../workflow/mod.ts";
import type { RegistryProblem, WorkflowOrigin } from "./registry.ts";

/** A workflow that a source has. */
export interface FoundWorkflow {
  /** Where it is: stays the same over its versions, and no other workflow has it. */
  readonly id: string;
  readonly name: string;
  readonly origin: WorkflowOrigin;
  /** Another one after each change. */
  readonly stamp: string;
  /** Opens it as it was found. Reloading what this opened reads what is there then. */
  open(): Promise<Workflow>;
}

/** What a source has at one moment. */
export interface SourceLook {
  readonly found: readonly FoundWorkflow[];
  readonly problems: readonly RegistryProblem[];
  /** Whether a workflow that was not found is broken rather than gone: it stays as it was. */
  isBroken(id: string): boolean;
}

/** Where workflows come from. Looked at one look after another. */
export interface RegistrySource {
  /** Never rejects for what is wrong with a workflow: that is a problem. */
  look(): Promise<SourceLook>;
  /** What was found is open and what is gone is closed, as far as it could be; called again when more is closed. */
  settled?(): Promise<void>;
}
