import type { Redactor, Secrets } from "../context/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ContainerNodeSpec } from "../spec/mod.ts";
import type { PackProgress, WorkspaceSource } from "../workspace/mod.ts";

/** What an engine or a command says about everything that runs in containers. */
export interface ContainerSettings {
  /** DSN for nodes that name none; `config.driver` of the workflow, else `docker`, when undefined. */
  readonly driver?: string | undefined;
  /** What the workspace holds at first; it is empty without one. */
  readonly workspace?: WorkspaceSource | undefined;
  /** Where the volume `output` goes when a run is over. */
  readonly outputDir?: string | undefined;
  /** Takes what programs write, redacted and as it comes, besides the log lines that are made of it. */
  readonly onOutput?: (chunk: OutputChunk) => void;
  /** How far the workspace has come on its way in; `isDone` once. */
  readonly onProgress?: (progress: PackProgress & { readonly isDone: boolean }) => void;
  /** Where drivers on this machine keep volumes and caches. */
  readonly dataDir?: string | undefined;
}

/** Part of what a program wrote. */
export interface OutputChunk {
  readonly runId: string;
  readonly node: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What it takes to open the containers of one version of a workflow. */
export interface ContainersOptions extends ContainerSettings {
  readonly workflowDir: string;
  readonly config: { readonly [key: string]: JsonValue };
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  onWarning(message: string): void;
}

/**
 * Everything that the runs of one workflow do in containers: drivers opened on first use, one workspace per
 * run, containers kept warm per node and image, and nothing left when a run is over.
 */
export interface Containers extends AsyncDisposable {
  /** One attempt at a container node. Resolves in any case; a throw means that the engine itself broke. */
  runNode(call: NodeCall, spec: ContainerNodeSpec): Promise<NodeOutcome>;
  /**
   * What a code node asks for: the methods of `Asks`. `tell` takes what comes before the answer: output as it
   * is written. An abort of `signal` ends what was asked for.
   *
   * @throws {PdError} as the method says
   */
  ask(call: NodeCall, asked: Asked, tell: Tell): Promise<JsonValue>;
  /** Removes what a run has made, after saving its `output`. At once when there is nothing. */
  endRun(runId: string): Promise<void>;
}

/**
 * Takes what comes before an answer. A promise means that the node does not keep up: whoever waits for it
 * before the next call loses nothing; whoever goes on may have what it tells left out, and a note in its place.
 */
export type Tell = (value: JsonValue) => Promise<void> | undefined;

/** A question of a code node to its engine. */
export interface Asked {
  /** `process.run`, `runtime.run`, `runtime.createVolume`, `runtime.startSandbox`, `sandbox.exec`, `sandbox.close` */
  readonly method: string;
  readonly params: JsonValue;
  readonly signal: AbortSignal;
}
