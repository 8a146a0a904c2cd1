import { type CompiledDag, everyNode } from "../compiler/mod.ts";
import type { RunEventBody } from "./events.ts";
import type { ResumedNodes } from "./resumed_nodes.ts";

/**
 * What is to be said of the nodes of a run that ends where it was left: those that were never started are skipped,
 * those that were not done are cancelled.
 *
 * @param now Epoch milliseconds.
 */
export function leftOverOf(
  graph: CompiledDag,
  resume: ResumedNodes | undefined,
  now: number,
): readonly RunEventBody[] {
  return everyNode(graph).flatMap(({ id, index }): RunEventBody[] => {
    const node = resume?.nodes[index];
    // What follows a failed run was not to run yet.
    if (node === undefined) {
      return index < graph.nodes.length ? [{ kind: "node.skipped", node: id }] : [];
    }
    if (node.status !== "unfinished") return [];
    const durationMs = Math.max(0, now - node.startedAt);
    return [{ kind: "node.cancelled", node: id, attempt: node.attempts, durationMs }];
  });
}
