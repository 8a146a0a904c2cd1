/** A node to be placed. */
export interface GraphNode {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Where a node stands: its upper left corner. */
export interface PlacedNode {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** 0 for a root. */
  readonly layer: number;
}

/** A dependency as a curve, for the attribute `d` of a path. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

/** A graph with its places. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** How large nodes are, and how far apart. */
export interface LayoutOptions {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly layerGap: number;
  readonly rowGap: number;
}

/** One place in a layer: a node, or a bend of an edge that passes by. */
interface Slot {
  readonly id: string;
  readonly layer: number;
  readonly height: number;
  /** How strongly it pulls: bends want to be straight. */
  readonly weight: number;
  readonly before: Slot[];
  readonly behind: Slot[];
  y: number;
}

const SWEEPS = 12;
/** Beyond that crossings are not to be told apart, and counting them takes seconds. */
const MAX_EDGES = 800;

/**
 * Places a graph without loops in layers from left to right, as Sugiyama's method has it: longest path, few crossings
 * by barycentres, rows that pull towards what they are connected with. Deterministic.
 */
export function layoutGraph(nodes: readonly GraphNode[], options: LayoutOptions): Layout {
  const slots = new Map<string, Slot>();
  const known = new Set(nodes.map(({ id }) => id));
  const layers: Slot[][] = [];
  const place = (slot: Slot) => {
    (layers[slot.layer] ??= []).push(slot);
    return slot;
  };
  const chains: { readonly from: string; readonly to: string; readonly slots: readonly Slot[] }[] =
    [];
  for (const { id, dependsOn } of inOrder(nodes)) {
    const sources = dependsOn.filter((one) => known.has(one)).map((one) => slots.get(one) as Slot);
    const layer = sources.reduce((most, one) => Math.max(most, one.layer + 1), 0);
    const slot = place(newSlot(id, layer, options.nodeHeight, 1));
    slots.set(id, slot);
    for (const source of sources) {
      const chain = [source];
      for (let at = source.layer + 1; at < layer; at++) {
        chain.push(place(newSlot(`${source.id}>${id}@${at}`, at, options.rowGap, 3)));
      }
      chain.push(slot);
      for (const [at, one] of chain.entries()) {
        const next = chain[at + 1];
        if (next === undefined) continue;
        one.behind.push(next);
        next.before.push(one);
      }
      chains.push({ from: source.id, to: id, slots: chain });
    }
  }
  if (chains.length <= MAX_EDGES) reduceCrossings(layers);
  setRows(layers, options.rowGap);
  return measured(layers, { chains, options, known });
}

function newSlot(id: string, layer: number, height: number, weight: number): Slot {
  return { id, layer, height, weight, before: [], behind: [], y: 0 };
}

/** Nodes behind all that they depend on; those of a loop, which no workflow has, are left out. */
function inOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const missing = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const ready: GraphNode[] = [];
  for (const node of nodes) {
    const sources = node.dependsOn.filter((one) => byId.has(one));
    missing.set(node.id, sources.length);
    if (sources.length === 0) ready.push(node);
    for (const source of sources) {
      const list = dependents.get(source) ?? [];
      dependents.set(source, list);
      list.push(node.id);
    }
  }
  for (let at = 0; at < ready.length; at++) {
    for (const id of dependents.get(ready[at]?.id ?? "") ?? []) {
      const left = (missing.get(id) ?? 0) - 1;
      missing.set(id, left);
      const node = byId.get(id);
      if (left === 0 && node !== undefined) ready.push(node);
    }
  }
  return ready;
}

function reduceCrossings(layers: Slot[][]): void {
  const order = new Map<Slot, number>();
  const number = () => {
    for (const layer of layers) layer.forEach((slot, index) => order.set(slot, index));
  };
  number();
  let best = layers.map((layer) => [...layer]);
  let fewest = countCrossings(layers, order);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const rank = new Map(layer.map((slot) => {
        const beside = isForward ? slot.before : slot.behind;
        const sum = beside.reduce((total, one) => total + (order.get(one) ?? 0), 0);
        return [slot, beside.length === 0 ? order.get(slot) ?? 0 : sum / beside.length];
      }));
      layer.sort((one, other) => (rank.get(one) ?? 0) - (rank.get(other) ?? 0));
      layer.forEach((slot, index) => order.set(slot, index));
    }
    const crossings = countCrossings(layers, order);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = layers.map((layer) => [...layer]);
  }
  best.forEach((layer, index) => layers[index] = layer);
}

function countCrossings(layers: readonly Slot[][], order: ReadonlyMap<Slot, number>): number {
  let count = 0;
  for (const layer of layers) {
    const seen: number[] = [];
    for (const slot of layer) {
      const ends = slot.behind.map((one) => order.get(one) ?? 0);
      for (const end of ends) for (const other of seen) if (other > end) count++;
      seen.push(...ends);
    }
  }
  return count;
}

function setRows(layers: readonly Slot[][], gap: number): void {
  for (const layer of layers) {
    let y = 0;
    for (const slot of layer) {
      slot.y = y + slot.height / 2;
      y += slot.height + gap;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const wanted = layer.map((slot) => {
        const both = sweep >= SWEEPS - 2;
        const beside = both
          ? [...slot.before, ...slot.behind]
          : isForward
          ? slot.before
          : slot.behind;
        if (beside.length === 0) return slot.y;
        return beside.reduce((sum, one) => sum + one.y, 0) / beside.length;
      });
      spread(layer, wanted, gap);
    }
  }
}

/** The rows nearest to those that are wanted, in order and apart: isotonic regression by pooling neighbours. */
function spread(layer: readonly Slot[], wanted: readonly number[], gap: number): void {
  const offsets: number[] = [];
  let offset = 0;
  layer.forEach((slot, index) => {
    const above = layer[index - 1];
    if (above !== undefined) offset += (above.height + slot.height) / 2 + gap;
    offsets.push(offset);
  });
  const blocks: { sum: number; weight: number; count: number }[] = [];
  layer.forEach((slot, index) => {
    const target = (wanted[index] ?? 0) - (offsets[index] ?? 0);
    let block = { sum: target * slot.weight, weight: slot.weight, count: 1 };
    for (;;) {
      const last = blocks.at(-1);
      if (last === undefined || last.sum / last.weight <= block.sum / block.weight) break;
      blocks.pop();
      block = {
        sum: last.sum + block.sum,
        weight: last.weight + block.weight,
        count: last.count + block.count,
      };
    }
    blocks.push(block);
  });
  let index = 0;
  for (const { sum, weight, count } of blocks) {
    for (let i = 0; i < count; i++, index++) {
      const slot = layer[index];
      if (slot !== undefined) slot.y = sum / weight + (offsets[index] ?? 0);
    }
  }
}

function measured(layers: readonly Slot[][], { chains, options, known }: {
  readonly chains: readonly {
    readonly from: string;
    readonly to: string;
    readonly slots: readonly Slot[];
  }[];
  readonly options: LayoutOptions;
  readonly known: ReadonlySet<string>;
}): Layout {
  const { nodeWidth, nodeHeight, layerGap } = options;
  const all = layers.flat();
  const top = all.reduce((least, { y, height }) => Math.min(least, y - height / 2), Infinity);
  const bottom = all.reduce((most, { y, height }) => Math.max(most, y + height / 2), -Infinity);
  const leftOf = ({ layer }: Slot) => layer * (nodeWidth + layerGap);
  const rowOf = ({ y }: Slot) => y - top;
  return {
    width: layers.length === 0 ? 0 : layers.length * (nodeWidth + layerGap) - layerGap,
    height: all.length === 0 ? 0 : bottom - top,
    nodes: all.filter(({ id }) => known.has(id)).map((slot) => ({
      id: slot.id,
      x: round(leftOf(slot)),
      y: round(rowOf(slot) - nodeHeight / 2),
      layer: slot.layer,
    })),
    edges: chains.map(({ from, to, slots }) => ({
      from,
      to,
      path: curve(slots.map((slot) => ({ x: leftOf(slot), y: rowOf(slot) })), nodeWidth),
    })),
  };
}

/** From the right side of the first place to the left side of the last, level where it passes others. */
function curve(
  points: readonly { readonly x: number; readonly y: number }[],
  width: number,
): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let [x, y] = [first.x + width, first.y];
  let path = `M${round(x)} ${round(y)}`;
  rest.forEach((point, index) => {
    const middle = round((x + point.x) / 2);
    path += `C${middle} ${round(y)} ${middle} ${round(point.y)} ${round(point.x)} ${
      round(point.y)
    }`;
    x = point.x;
    y = point.y;
    if (index === rest.length - 1) return;
    x += width;
    path += `H${round(x)}`;
  });
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
