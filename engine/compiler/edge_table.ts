/**
 * The edges of a graph in rows: what leaves `node` stands in `targets` from `offsets[node]` up to
 * `offsets[node + 1]`, ascending. `edgeOf` names the input edge that each entry came from.
 */
export interface EdgeTable {
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly edgeOf: Int32Array;
}

/** Rows by `sources`, each ascending by target and, for equal targets, in the order given. Linear. */
export function tabulateEdges(
  nodeCount: number,
  sources: Int32Array,
  targets: Int32Array,
): EdgeTable {
  const byTarget = countingSort(nodeCount, targets, undefined);
  const bySource = countingSort(nodeCount, sources, byTarget.order);
  const order = bySource.order;
  const sorted = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[i] = targets[order[i] as number] as number;
  return { offsets: bySource.offsets, targets: sorted, edgeOf: order };
}

/** The same edges turned round, rows ascending. */
export function reverseTable(table: EdgeTable): EdgeTable {
  const nodeCount = table.offsets.length - 1;
  const { order, offsets } = countingSort(nodeCount, table.targets, undefined);
  const sources = new Int32Array(order.length);
  for (let node = 0; node < nodeCount; node++) {
    sources.fill(node, table.offsets[node], table.offsets[node + 1]);
  }
  const targets = new Int32Array(order.length);
  const edgeOf = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const entry = order[i] as number;
    targets[i] = sources[entry] as number;
    edgeOf[i] = table.edgeOf[entry] as number;
  }
  return { offsets, targets, edgeOf };
}

/** Positions of `keys` in ascending order of key; equal keys keep the order of `positions`. */
function countingSort(
  keyCount: number,
  keys: Int32Array,
  positions: Int32Array | undefined,
): { readonly order: Int32Array; readonly offsets: Int32Array } {
  const offsets = new Int32Array(keyCount + 1);
  for (let i = 0; i < keys.length; i++) (offsets[(keys[i] as number) + 1] as number)++;
  for (let key = 0; key < keyCount; key++) {
    offsets[key + 1] = (offsets[key + 1] as number) + (offsets[key] as number);
  }
  const next = offsets.slice(0, keyCount);
  const order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const position = positions === undefined ? i : positions[i] as number;
    const key = keys[position] as number;
    order[next[key] as number] = position;
    next[key] = (next[key] as number) + 1;
  }
  return { order, offsets };
}
