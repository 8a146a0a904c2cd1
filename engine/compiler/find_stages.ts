import type { EdgeTable } from "./edge_table.ts";

/** Where Kahn's algorithm got to. */
export interface Staging {
  /** Depth of each node; meaningless for nodes in or behind a loop. */
  readonly stageOf: Int32Array;
  readonly stageCount: number;
  /** Dependencies that were never done: above 0 for nodes in or behind a loop. */
  readonly open: Int32Array;
  readonly orderedCount: number;
}

/** The depth of every node by Kahn's algorithm: linear, and without recursion. */
export function findStages(nodeCount: number, dependents: EdgeTable): Staging {
  const { offsets, targets } = dependents;
  const open = new Int32Array(nodeCount);
  for (let i = 0; i < targets.length; i++) (open[targets[i] as number] as number)++;
  const stageOf = new Int32Array(nodeCount);
  const queue = new Int32Array(nodeCount);
  let end = 0;
  for (let node = 0; node < nodeCount; node++) if (open[node] === 0) queue[end++] = node;
  let deepest = -1;
  for (let at = 0; at < end; at++) {
    const node = queue[at] as number;
    deepest = stageOf[node] as number;
    for (let i = offsets[node] as number; i < (offsets[node + 1] as number); i++) {
      const dependent = targets[i] as number;
      // The queue runs by depth, so the last dependency to be done is the deepest one.
      if (--(open[dependent] as number) === 0) {
        stageOf[dependent] = deepest + 1;
        queue[end++] = dependent;
      }
    }
  }
  return { stageOf, stageCount: deepest + 1, open, orderedCount: end };
}
