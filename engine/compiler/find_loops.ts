import type { EdgeTable } from "./edge_table.ts";
import { findComponents } from "./find_components.ts";

/** One loop, from its first node by name round to the node before it. */
export interface Loop {
  readonly nodes: readonly number[];
  /** Entry of the edge table that leads from the last node to the first. */
  readonly closingEntry: number;
}

/** Loops in a graph. `isComplete` is false when there were more than are worth listing. */
export interface Loops {
  readonly loops: readonly Loop[];
  readonly isComplete: boolean;
}

/** Loops in one answer, beyond the first of each component. Nobody reads more. */
const MAX_FURTHER_LOOPS = 100;
/** Edges looked at in search of further loops, per edge of the graph. */
const MAX_WORK_PER_EDGE = 20;
/** What a small graph may always spend. */
const MIN_WORK = 200_000;

/**
 * Loops among `members` such that every edge that is part of a loop is in one of them, and that
 * taking away each one's closing edge leaves no loop at all. Each is the shortest through the edge it
 * was found by; none is listed twice. A component's first loop is always listed. Deterministic.
 */
export function findLoops(members: readonly number[], table: EdgeTable): Loops {
  const isCut = new Uint8Array(table.targets.length);
  const search = new LoopSearch(table, isCut);
  const maxWork = Math.max(MIN_WORK, MAX_WORK_PER_EDGE * table.targets.length);
  const loops: Loop[] = [];
  const seen = new Set<string>();
  let further = 0;
  function add(nodes: readonly number[]): Loop {
    const loop = rotated(nodes, table);
    const key = loop.nodes.join();
    if (!seen.has(key)) loops.push(loop);
    seen.add(key);
    return loop;
  }

  let components = findComponents(members, table, isCut);
  for (const component of components) {
    search.enter(component);
    add(search.shortest(component[0] as number, component[0] as number));
  }
  // Each round opens at least one loop of each component, so the rounds end.
  while (components.length > 0) {
    const found: Loop[] = [];
    for (const component of components) {
      search.enter(component);
      const isCovered = new Set<number>();
      for (const node of component) {
        for (let entry = table.offsets[node] as number; entry < end(table, node); entry++) {
          if (!search.holds(entry) || isCovered.has(entry)) continue;
          if (further === MAX_FURTHER_LOOPS || search.work > maxWork) {
            return { loops, isComplete: false };
          }
          const before = loops.length;
          const loop = add(search.shortest(table.targets[entry] as number, node));
          further += loops.length - before;
          found.push(loop);
          for (const covered of entriesOf(loop, table)) isCovered.add(covered);
        }
      }
    }
    for (const loop of found) isCut[loop.closingEntry] = 1;
    components = findComponents(components.flat(), table, isCut);
  }
  return { loops, isComplete: true };
}

/** Breadth-first search within one component at a time. */
class LoopSearch {
  readonly #table: EdgeTable;
  readonly #isCut: Uint8Array;
  readonly #componentOf: Int32Array;
  readonly #previous: Int32Array;
  /** Which search last came by each node. */
  readonly #seenBy: Int32Array;
  #component = 0;
  #search = 0;
  /** Edges looked at so far. */
  work = 0;

  constructor(table: EdgeTable, isCut: Uint8Array) {
    const nodeCount = table.offsets.length - 1;
    this.#table = table;
    this.#isCut = isCut;
    this.#componentOf = new Int32Array(nodeCount);
    this.#previous = new Int32Array(nodeCount);
    this.#seenBy = new Int32Array(nodeCount);
  }

  enter(component: readonly number[]): void {
    this.#component++;
    for (const node of component) this.#componentOf[node] = this.#component;
  }

  /** Whether the edge is part of the component; its source is taken to be. */
  holds(entry: number): boolean {
    return this.#isCut[entry] === 0 &&
      this.#componentOf[this.#table.targets[entry] as number] === this.#component;
  }

  /** The nodes of a shortest way from `from` to `to`; round a whole loop when they are the same. */
  shortest(from: number, to: number): number[] {
    const { offsets, targets } = this.#table;
    const search = ++this.#search;
    const queue = [from];
    if (from !== to) this.#seenBy[from] = search;
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at] as number;
      for (let entry = offsets[node] as number; entry < (offsets[node + 1] as number); entry++) {
        this.work++;
        const target = targets[entry] as number;
        if (!this.holds(entry) || this.#seenBy[target] === search) continue;
        this.#seenBy[target] = search;
        this.#previous[target] = node;
        if (target === to) return this.#wayBack(from, to);
        queue.push(target);
      }
    }
    throw new Error(`No way from node ${from} to node ${to} within one component`);
  }

  #wayBack(from: number, to: number): number[] {
    const way = from === to ? [] : [to];
    let node = this.#previous[to] as number;
    for (; node !== from; node = this.#previous[node] as number) way.push(node);
    way.push(from);
    return way.reverse();
  }
}

function rotated(nodes: readonly number[], table: EdgeTable): Loop {
  let first = 0;
  for (let i = 1; i < nodes.length; i++) {
    if ((nodes[i] as number) < (nodes[first] as number)) first = i;
  }
  const turned = [...nodes.slice(first), ...nodes.slice(0, first)];
  return {
    nodes: turned,
    closingEntry: entryBetween(turned.at(-1) as number, turned[0] as number, table),
  };
}

function entriesOf(loop: Loop, table: EdgeTable): number[] {
  return loop.nodes.map((node, i) =>
    entryBetween(node, loop.nodes[(i + 1) % loop.nodes.length] as number, table)
  );
}

/** Binary search: rows are ascending. */
function entryBetween(source: number, target: number, table: EdgeTable): number {
  let low = table.offsets[source] as number;
  let high = end(table, source) - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table.targets[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function end(table: EdgeTable, node: number): number {
  return table.offsets[node + 1] as number;
}
