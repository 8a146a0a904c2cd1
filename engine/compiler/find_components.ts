import type { EdgeTable } from "./edge_table.ts";

/**
 * The strongly connected components of two nodes and more among `members`, each ascending: the parts
 * of a graph that are tied into loops. Tarjan's algorithm with a stack of its own; linear.
 *
 * @param isCut Entries of the table to leave out.
 */
export function findComponents(
  members: readonly number[],
  table: EdgeTable,
  isCut: Uint8Array,
): number[][] {
  const { offsets, targets } = table;
  const nodeCount = offsets.length - 1;
  const isMember = new Uint8Array(nodeCount);
  for (const node of members) isMember[node] = 1;
  const visit = new Int32Array(nodeCount);
  const low = new Int32Array(nodeCount);
  const next = new Int32Array(nodeCount);
  const isOpen = new Uint8Array(nodeCount);
  const open: number[] = [];
  const path: number[] = [];
  const components: number[][] = [];
  let visits = 0;

  function enter(node: number): void {
    visit[node] = low[node] = ++visits;
    next[node] = offsets[node] as number;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  }

  function leave(node: number): void {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
    if (low[node] !== visit[node]) return;
    const start = open.lastIndexOf(node);
    const component = open.splice(start);
    for (const member of component) isOpen[member] = 0;
    if (component.length > 1) components.push(component.sort((a, b) => a - b));
  }

  for (const root of members) {
    if (visit[root] !== 0) continue;
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const entry = next[node] as number;
      if (entry === offsets[node + 1]) {
        leave(node);
        continue;
      }
      next[node] = entry + 1;
      const target = targets[entry] as number;
      if (isCut[entry] === 1 || isMember[target] === 0) continue;
      if (visit[target] === 0) enter(target);
      else if (isOpen[target] === 1) {
        low[node] = Math.min(low[node] as number, visit[target] as number);
      }
    }
  }
  return components;
}
