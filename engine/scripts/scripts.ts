import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";

/** Where scripts run, and with what. */
export interface ScriptSettings {
  /** Where every entry starts: an absolute path. */
  readonly cwd: string;
  /** The engine's own variables, those of `.env` files over them. Secrets of the server are taken out. */
  readonly env: { readonly [name: string]: string };
}

/** The script nodes of one workflow's runs. */
export interface Scripts extends AsyncDisposable {
  /** One attempt at a script node. Resolves in any case; a throw means that the engine itself broke. */
  runNode(call: NodeCall, spec: ScriptNodeSpec): Promise<NodeOutcome>;
  /** Ends whatever a run has left, and removes it. */
  endRun(runId: string): Promise<void>;
}
