import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { ERROR_CODES } from "../errors/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { type ParsedWorkflow, parseWorkflow } from "./parse_workflow.ts";
import { readFile } from "./read_file.ts";
import { workflowSchema } from "./workflow_schema.ts";

const BASES = ["digest.yaml", "everything.yaml", "anchors.yaml", "tiny.yaml"].map((name) =>
  Deno.readTextFileSync(new URL(`./testdata/${name}`, import.meta.url))
);

/** Pieces that YAML or the format treats specially. */
const PIECES = [
  ..."\t\n\r\0:-?*&!|>%@`#{}[],'\"\\~ ",
  ...["---", "...", "<<: *x", "&a", "*a", "!!binary", "%YAML 1.1", "\ufeff", "\u2028", "é", "😀"],
  ...["null", "~", ".inf", ".nan", "1e999", "0x1F", "99999999999999999999", "-0", "yes", "true"],
  ...["__proto__:", "constructor:", "toString:", "nodes:", "edges:", "config:", "? ", "<<:"],
  ...["30s", "1h", "@daily", "* * * * *", "https://a.example", "[::1]", "../..", "512Mi"],
];

const VALUES: readonly JsonValue[] = [
  ...[null, true, false, 0, -1, 1.5, 1e300, "", " ", "x", "30s", "a.ts", "../a.ts", "@daily", "*"],
  ...[[], {}, [null], [[]], { a: 1 }, { path: "a.ts" }, { run: "x", path: "a.ts" }, ["a", 1, null]],
  ...["a".repeat(300), "\0", "__proto__", "é", "1.0", "nats://n", { type: "cron" }, { from: "a" }],
];

/** The same numbers for the same seed, on every machine (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = (below: number) => number;

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item;
}

/** Cuts, doubles, moves, overwrites and inserts bytes and lines. */
function mutateText(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(result.length + 1);
    const to = at + random(40);
    const lines = result.split("\n");
    const line = random(lines.length);
    switch (random(8)) {
      case 0:
        result = result.slice(0, at) + result.slice(to);
        break;
      case 1:
        result = result.slice(0, at) + result.slice(at, to).repeat(1 + random(20)) +
          result.slice(to);
        break;
      case 2:
        result = result.slice(0, at) + String.fromCharCode(random(256)) + result.slice(at + 1);
        break;
      case 3:
        lines.splice(random(lines.length), 0, ...lines.splice(line, 1 + random(4)));
        result = lines.join("\n");
        break;
      case 4:
        lines[line] = " ".repeat(random(6)) + (lines[line] ?? "").trimStart();
        result = lines.join("\n");
        break;
      case 5:
        result = random(10) === 0 ? result.slice(0, at) : result.slice(at % 7);
        break;
      default:
        result = result.slice(0, at) + pick(random, PIECES) + result.slice(at);
    }
  }
  return result;
}

type Mutable = { [key: string]: unknown } | unknown[];

/** Replaces, removes, renames and copies values of the tree. */
function mutateTree(tree: JsonValue, random: Random): JsonValue {
  const root = structuredClone(tree) as Mutable;
  for (let count = 1 + random(2); count > 0; count--) {
    let parent = root;
    let keys = Object.keys(parent);
    let key = pick(random, keys);
    while (keys.length > 0 && random(4) > 0) {
      const child: unknown = (parent as { [key: string]: unknown })[key];
      if (typeof child !== "object" || child === null || Object.keys(child).length === 0) break;
      parent = child as Mutable;
      keys = Object.keys(parent);
      key = pick(random, keys);
    }
    if (keys.length === 0) continue;
    const map = parent as { [key: string]: unknown };
    const value = map[key];
    switch (random(5)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete map[key];
        break;
      case 1: {
        const at = random(key.length + 1);
        map[key.slice(0, at) + pick(random, [..."abz_-A9", ""]) + key.slice(at + 1)] = value;
        if (!Array.isArray(parent)) delete map[key];
        break;
      }
      case 2:
        if (typeof value === "string") map[key] = mutateText(value, random);
        else if (typeof value === "number") map[key] = String(value);
        else map[key] = structuredClone(pick(random, VALUES));
        break;
      default:
        map[key] = structuredClone(pick(random, VALUES));
    }
  }
  // Lists lose the gaps and keys that a mutation may have left in them.
  return JSON.parse(JSON.stringify(root)) as JsonValue;
}

/** What holds for every answer, whatever the file. */
function checkAnswer(text: string, answer: ParsedWorkflow): void {
  const { spec, diagnostics, locate } = answer;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.equal(spec === undefined, errors.length > 0);
  if (spec !== undefined) assert.ok(spec.nodes.length > 0);
  const lines = text.split("\n").length;
  const seen = new Set<string>();
  let before = { line: 1, column: 0 };
  for (const { line, column, code, message, fix, path } of diagnostics) {
    assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column}`);
    assert.ok(line > before.line || (line === before.line && column >= before.column), "order");
    before = { line, column };
    assert.ok(ERROR_CODES.includes(code));
    assert.match(message, /^Cannot /);
    assert.ok(fix.length > 0);
    assert.ok(!`${message}${fix}`.includes("undefined"), `${message} / ${fix}`);
    assert.ok(!seen.has(`${line}:${column} ${message}`), `twice: ${message}`);
    seen.add(`${line}:${column} ${message}`);
    assert.ok(locate(path).line >= 1);
  }
}

/** One slow answer may be the machine's; three of the same file are the file's. */
function isSlow(text: string): boolean {
  return [1, 2, 3].every(() => {
    const start = performance.now();
    parseWorkflow(text);
    return performance.now() - start > 1_000;
  });
}

Deno.test("parseWorkflow() answers 10 000 mutated files, each under a second", () => {
  const random = seeded(20_260_101);
  const trees = BASES.map((text) => parse(text, { merge: true }) as JsonObject);
  const outcomes = { valid: 0, refused: 0 };
  for (let index = 0; index < 10_000; index++) {
    const text = index % 2 === 0
      ? mutateText(pick(random, BASES), random)
      : stringify(mutateTree(pick(random, trees), random));
    const start = performance.now();
    let answer: ParsedWorkflow;
    try {
      answer = parseWorkflow(text);
      checkAnswer(text, answer);
    } catch (error) {
      throw new Error(`file ${index}: ${JSON.stringify(text)}`, { cause: error });
    }
    if (performance.now() - start > 1_000) assert.ok(!isSlow(text), JSON.stringify(text));
    outcomes[answer.spec === undefined ? "refused" : "valid"]++;
  }
  // Both kinds must be well represented, or the mutations are too tame or too wild.
  assert.ok(outcomes.valid > 1_000 && outcomes.refused > 5_000, JSON.stringify(outcomes));
});

Deno.test("readFile() and the schema's own parse agree on 3 000 mutated trees", () => {
  const random = seeded(7);
  const trees = BASES.map((text) => parse(text, { merge: true }) as JsonObject);
  for (let index = 0; index < 3_000; index++) {
    const tree = mutateTree(pick(random, trees), random) as JsonObject;
    const { problems } = readFile(tree, () => undefined);
    const { success, error } = workflowSchema.safeParse(tree);
    const difference = `${JSON.stringify(tree)} ${problems[0]?.message} ${error?.message}`;
    assert.equal(problems.length === 0, success, difference);
  }
});
