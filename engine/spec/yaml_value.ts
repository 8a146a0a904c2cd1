import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { JsonValue } from "../json/mod.ts";
import type { TextProblem } from "./yaml_document.ts";

/** How many values aliases may add: a bomb of 20 levels would add a million and more. */
const MAX_ALIAS_VALUES = 100_000;
const MAX_DEPTH = 400;

/** The plain value of a YAML tree, and what its aliases stand for. */
export interface YamlValue {
  readonly value: JsonValue;
  readonly problems: readonly TextProblem[];
  readonly targets: ReadonlyMap<Alias, Node>;
  /** False when the aliases stood for too much to write out, so that `value` is only a part. */
  readonly isComplete: boolean;
}

/** How scalars are taken. */
export interface ScalarOptions {
  /**
   * For formats that read scalars as text: a key may look like a number, and a number may have more digits than
   * JSON has. Both are found as they were written.
   */
  readonly asWritten?: boolean;
}

type MutableObject = { [key: string]: JsonValue };

interface Conversion {
  readonly asWritten: boolean;
  readonly lineOf: (offset: number) => string;
  readonly problems: TextProblem[];
  readonly targets: Map<Alias, Node>;
  readonly anchors: Map<string, Node>;
  /** Anchored nodes that are being converted: an alias to one of them would be a circle. */
  readonly open: Set<Node>;
  aliasDepth: number;
  aliasValues: number;
  depth: number;
  exhausted: boolean;
}

/**
 * Converts a tree into plain JSON values. Aliases and merge keys (`<<`) become copies, within a budget;
 * keys that are twice in a map, that are no text, or that JavaScript would misread, are reported.
 */
export function toPlainValue(
  root: Node,
  lineOf: (offset: number) => string,
  { asWritten = false }: ScalarOptions = {},
): YamlValue {
  const conversion: Conversion = {
    asWritten,
    lineOf,
    problems: [],
    targets: new Map(),
    anchors: new Map(),
    open: new Set(),
    aliasDepth: 0,
    aliasValues: 0,
    depth: 0,
    exhausted: false,
  };
  const value = convert(conversion, root);
  const { problems, targets, exhausted } = conversion;
  return { value, problems, targets, isComplete: !exhausted };
}

function convert(c: Conversion, node: Node | null | undefined): JsonValue {
  if (node === null || node === undefined || c.exhausted) return null;
  if (isAlias(node)) return convertAlias(c, node);
  if (c.aliasDepth > 0 && (++c.aliasValues > MAX_ALIAS_VALUES || c.depth > MAX_DEPTH)) {
    c.exhausted = true;
    report(c, node, {
      code: "YAML_ALIAS",
      message: `Cannot read "workflow.yaml" as aliases may stand for at most ${MAX_ALIAS_VALUES} ` +
        `values: the aliases of this value stand for more`,
      fix: "Write the value out where it is needed, or move it into a file that a node reads",
    });
    return null;
  }
  const anchored = c.aliasDepth === 0 && node.anchor !== undefined;
  if (anchored) c.open.add(node);
  if (anchored && node.anchor !== undefined) c.anchors.set(node.anchor, node);
  c.depth++;
  const value = isScalar(node)
    ? convertScalar(c, node)
    : isMap(node)
    ? convertMap(c, node)
    : isSeq(node)
    ? node.items.map((item) => convert(c, item as Node | null))
    : null;
  c.depth--;
  if (anchored) c.open.delete(node);
  return value;
}

function convertScalar(c: Conversion, scalar: Scalar): JsonValue {
  const { value, source = "" } = scalar;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number") return null;
  const exact = Number.isFinite(value) &&
    (Number.isSafeInteger(value) || !/^[-+]?\d+$/.test(source));
  if (!exact && !c.asWritten) {
    const state = Number.isFinite(value) ? "would be rounded" : "is none";
    report(c, scalar, {
      code: "SPEC_TYPE",
      message: `Cannot read "${source.slice(0, 60)}" as a number must be one of JSON: it ${state}`,
      fix: `Put it in quotes: "${source.slice(0, 60)}"`,
    });
  }
  return Number.isFinite(value) ? value : null;
}

function convertAlias(c: Conversion, alias: Alias): JsonValue {
  const target = c.aliasDepth > 0 ? c.targets.get(alias) : c.anchors.get(alias.source);
  if (target === undefined || c.open.has(target)) {
    if (target !== undefined || c.aliasDepth === 0) {
      report(c, alias, {
        code: "YAML_ALIAS",
        message:
          `Cannot read "*${alias.source.slice(0, 60)}" as an alias names an earlier value: ` +
          (target === undefined
            ? `no &${alias.source.slice(0, 60)} comes before it`
            : "it lies inside its own"),
        fix: target === undefined
          ? `Define it first with &${alias.source.slice(0, 60)}, or quote the text: "*${
            alias.source.slice(0, 60)
          }"`
          : "Remove the alias, or write the value out",
      });
    }
    return null;
  }
  c.targets.set(alias, target);
  c.aliasDepth++;
  const value = convert(c, target);
  c.aliasDepth--;
  return value;
}

function convertMap(c: Conversion, map: YAMLMap): JsonValue {
  const object: MutableObject = {};
  const merged: JsonValue[] = [];
  const first = new Map<string, Node>();
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    if (isMergeKey(pair.key)) {
      merged.push(...mergeSources(c, pair));
      continue;
    }
    const key = convertKey(c, pair.key);
    const value = convert(c, pair.value);
    if (key === undefined) continue;
    const earlier = first.get(key);
    if (earlier !== undefined) {
      if (c.aliasDepth === 0) {
        report(c, pair.key, {
          code: "YAML_DUPLICATE_KEY",
          message: `Cannot read "${key.slice(0, 60)}" as a key stands once in a map: it is at ` +
            `${c.lineOf(earlier.range?.[0] ?? 0)} and again at ${
              c.lineOf(pair.key.range?.[0] ?? 0)
            }`,
          fix: `Remove or rename one of the two`,
        });
      }
      continue;
    }
    first.set(key, pair.key);
    object[key] = value;
  }
  for (const source of merged) {
    for (const [key, value] of Object.entries(source as MutableObject)) {
      if (!Object.hasOwn(object, key)) object[key] = value;
    }
  }
  return object;
}

/** A key as text; undefined when nothing can be done with it. */
function convertKey(c: Conversion, key: Node | null): string | undefined {
  const name = isScalar(key) ? key.value : undefined;
  if (typeof name === "string") {
    // Assigning to it would change the object and not add a key.
    if (name !== "__proto__") return name;
    report(c, key, {
      code: "SPEC_NAME",
      message: `Cannot read "__proto__" as a key must not be a word of the language: it is one`,
      fix: "Rename the key",
    });
    return undefined;
  }
  const source = isScalar(key) && key.value !== null ? key.source ?? String(key.value) : undefined;
  if (c.asWritten && source !== undefined && source !== "__proto__") return source;
  report(c, key, {
    code: "SPEC_TYPE",
    message: `Cannot read "${source ?? "?"}" as a key must be text: it is ${
      source === undefined
        ? (isScalar(key) || key === null ? "empty" : "a list, a map or an alias")
        : `a ${typeof name}`
    }`,
    fix: source === undefined
      ? "Put text that begins with [, { or * in quotes, and give every value a key"
      : `Put it in quotes: "${source}":`,
  });
  return source;
}

/** Whether a key is the plain `<<` that lays other maps under this one. */
export function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}

function mergeSources(c: Conversion, pair: Pair<Node, Node | null>): JsonValue[] {
  const value = convert(c, pair.value);
  const sources = Array.isArray(value) ? value : [value];
  const maps = sources.filter((source) =>
    typeof source === "object" && source !== null && !Array.isArray(source)
  );
  if (maps.length < sources.length && !c.exhausted) {
    report(c, pair.key, {
      code: "SPEC_TYPE",
      message:
        'Cannot read "<<" as a merge key takes a map or a list of maps: it is something else',
      fix: "Write <<: *name, where &name marks a map",
    });
  }
  return maps;
}

function report(
  c: Conversion,
  node: Node | null,
  { code, message, fix }: Pick<TextProblem, "code" | "message" | "fix">,
): void {
  c.problems.push({ code, severity: "error", offset: node?.range?.[0] ?? 0, message, fix });
}
