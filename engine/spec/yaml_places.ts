import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { Position, SpecPath } from "./diagnostic.ts";
import { isMergeKey } from "./yaml_value.ts";

/** Where things stand in a file, asked by path. */
export interface Places {
  /** The key or list item; the nearest parent when it is not there. */
  key(path: SpecPath): Position;
  /** The value of the key; the key when it has none. */
  value(path: SpecPath): Position;
  /** A plain number or word as it was written, before YAML made a value of it. */
  source(path: SpecPath): string | undefined;
  /** The keys of the map at `path`, in the order of the file (an object would sort numbers first). */
  keys(path: SpecPath): readonly string[];
}

interface PlacesOptions {
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly positionAt: (offset: number) => Position;
}

type Entry = Pair<Node, Node | null>;

interface Found {
  /** The key, or the list item. */
  readonly key: Node | undefined;
  /** Undefined when the path leads nowhere. */
  readonly value: Node | undefined;
}

/** Finds places in the tree below `root`. Each map is indexed once, at the first question. */
export function placesIn(root: Node | undefined, { targets, positionAt }: PlacesOptions): Places {
  const indexes = new WeakMap<Node, ReadonlyMap<string, Entry>>();

  function resolve(node: Node | null | undefined): Node | undefined {
    let at = node ?? undefined;
    // The bound stops a circle of aliases, which is reported elsewhere.
    for (let hops = 0; isAlias(at) && hops < 100; hops++) at = targets.get(at);
    return isAlias(at) ? undefined : at;
  }

  function entriesOf(map: Node, depth = 0): ReadonlyMap<string, Entry> {
    const known = indexes.get(map);
    if (known !== undefined) return known;
    const entries = new Map<string, Entry>();
    const merges: Entry[] = [];
    for (const pair of isMap(map) ? map.items as Entry[] : []) {
      if (isMergeKey(pair.key)) merges.push(pair);
      else if (isScalar(pair.key)) {
        const { value, source } = pair.key;
        const name = typeof value === "string" ? value : source ?? String(value);
        if (!entries.has(name)) entries.set(name, pair);
      }
    }
    for (const { value } of depth < 20 ? merges : []) {
      const source = resolve(value);
      for (const item of isSeq(source) ? source.items as Node[] : [source]) {
        const below = resolve(item);
        if (!isMap(below)) continue;
        for (const [name, pair] of entriesOf(below, depth + 1)) {
          if (!entries.has(name)) entries.set(name, pair);
        }
      }
    }
    indexes.set(map, entries);
    return entries;
  }

  function find(path: SpecPath): Found {
    let found: Found = { key: root, value: root };
    for (const part of path) {
      const node = resolve(found.value);
      if (typeof part === "number" && isSeq(node)) {
        const item = (node.items[part] ?? undefined) as Node | undefined;
        if (item === undefined) return { key: found.key, value: undefined };
        found = { key: item, value: item };
      } else if (isMap(node)) {
        const pair = entriesOf(node).get(String(part));
        if (pair === undefined) return { key: found.key, value: undefined };
        found = { key: pair.key, value: pair.value ?? undefined };
      } else return { key: found.key, value: undefined };
    }
    return found;
  }

  function positionOf(node: Node | undefined): Position {
    return positionAt(node?.range?.[0] ?? 0);
  }

  return {
    key: (path) => positionOf(find(path).key),
    value(path) {
      const { key, value } = find(path);
      const isEmpty = value?.range?.[0] === value?.range?.[1];
      return positionOf(isEmpty ? key : value);
    },
    source(path) {
      const node = resolve(find(path).value);
      return isScalar(node) ? node.source : undefined;
    },
    keys(path) {
      const node = resolve(find(path).value);
      return isMap(node) ? [...entriesOf(node).keys()] : [];
    },
  };
}
