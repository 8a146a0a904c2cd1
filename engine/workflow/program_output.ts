import type { CompiledDag } from "../compiler/mod.ts";
import { outputText } from "../executor/mod.ts";
import type { RunLog } from "./run_log.ts";

/** The end of what the programs of a node wrote, as it may be seen. */
export function programOutput(
  log: RunLog,
  node: string,
  lastBytes: number,
): { readonly stdout: string; readonly stderr: string } {
  const events = log.after(0);
  return {
    stdout: outputText(events, { node, stream: "stdout", lastBytes }),
    stderr: outputText(events, { node, stream: "stderr", lastBytes }),
  };
}

/** The nodes of whose output nothing is left out while there is room: it is what they are for. */
export function wholeOutputNodes({ nodes, onError }: CompiledDag): ReadonlySet<string> {
  const scripts = nodes.filter(({ spec }) => spec.kind === "script").map(({ id }) => id);
  return new Set(onError === undefined ? scripts : [...scripts, onError.id]);
}
