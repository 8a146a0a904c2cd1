import type { CompiledDag } from "../compiler/mod.ts";
import type { Redactor, SecretReferences, Secrets } from "../context/mod.ts";
import type { PdError } from "../errors/mod.ts";
import type { WorkflowExecutor } from "../executor/mod.ts";
import type { WorkflowRunner } from "../nodes/mod.ts";
import type { Diagnostic, WorkflowSpec } from "../spec/mod.ts";

/** Everything that one version of a workflow's folder comes to. */
export interface GenerationParts {
  readonly spec: WorkflowSpec;
  readonly dag: CompiledDag;
  readonly diagnostics: readonly Diagnostic[];
  readonly executor: WorkflowExecutor;
  readonly runner: WorkflowRunner;
  /** Of the whole workflow: what a node may have is chosen from them. */
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly references: SecretReferences;
  /** Why no run may start, though the workflow itself is well. */
  readonly blocked?: PdError | undefined;
}

/**
 * One version of a workflow while anybody uses it. A run holds the generation that it started on; when
 * a newer one has replaced it and the last run has let go, its runner is disposed.
 */
export class Generation {
  /** 1 for the folder as it was opened, then one more for each reload. */
  readonly version: number;
  readonly parts: GenerationParts;
  #users = 0;
  #retired = false;
  readonly #disposed = Promise.withResolvers<void>();

  constructor(version: number, parts: GenerationParts) {
    this.version = version;
    this.parts = parts;
  }

  /** Holds the generation for one run. */
  acquire(): void {
    this.#users++;
  }

  /** Lets go of what `acquire` held. */
  release(): void {
    this.#users--;
    this.#disposeWhenUnused();
  }

  /** Takes no more runs; resolves when the last one is over and the runner is disposed. */
  retire(): Promise<void> {
    if (!this.#retired) {
      this.#retired = true;
      this.#disposeWhenUnused();
    }
    return this.#disposed.promise;
  }

  #disposeWhenUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    this.parts.runner[Symbol.asyncDispose]().then(
      () => this.#disposed.resolve(),
      (error) => this.#disposed.reject(error),
    );
  }
}
