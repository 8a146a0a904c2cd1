import assert from "node:assert/strict";
import { compile, seededRandom } from "../../compiler/mod.ts";
import { ERROR_CODES } from "../../errors/mod.ts";
import { readPipelines } from "./read_pipelines.ts";

const BASES = ["shop.yml", "content.yaml"].map((name) =>
  Deno.readTextFileSync(new URL(`./testdata/${name}`, import.meta.url))
);

/** Pieces that YAML or the format treats specially. */
const PIECES = [
  ..."\t\n\r\0:-?*&!|>%@`#{}[],'\"\\~ ",
  ...[
    "---",
    "<<: *x",
    "&a",
    "*a",
    "*defaults",
    "!!binary",
    "\ufeff",
    "\u2028",
    "😀",
    "null",
    ".nan",
  ],
  ...["1e999", "99999999999999999999", "-0", "yes", "-1", "0", "-10s", "1d", "__proto__:", "1: "],
  ...["pipelines:", "tasks:", "on_error:", "depends_on:", "script:", "env:", "[a, a]", "{}", "? "],
];

type Random = () => number;

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Cuts, moves and inserts pieces and lines. */
function mutate(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const at = below(random, result.length + 1);
    const lines = result.split("\n");
    const line = below(random, lines.length);
    switch (below(random, 5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + below(random, 20));
        break;
      case 1:
        lines.splice(below(random, lines.length), 0, ...lines.splice(line, 1 + below(random, 4)));
        result = lines.join("\n");
        break;
      case 2:
        lines[line] = " ".repeat(below(random, 8)) + (lines[line] ?? "").trimStart();
        result = lines.join("\n");
        break;
      default:
        result = result.slice(0, at) + PIECES[below(random, PIECES.length)] + result.slice(at);
    }
  }
  return result;
}

Deno.test("readPipelines() answers 4 000 mutated files with places, in under a second each", () => {
  const random = seededRandom(20_260_101);
  const outcomes = { good: 0, refused: 0 };
  for (let index = 0; index < 4_000; index++) {
    const texts = BASES.map((text) => random() < 0.5 ? mutate(text, random) : text);
    const files = texts.map((text, at) => ({ file: `${at}.yml`, text }));
    const start = performance.now();
    try {
      const { pipelines, problems, warnings } = readPipelines(files, compile);
      for (const { file, line, column, code, message, fix } of [...problems, ...warnings]) {
        const lines = texts[Number.parseInt(file)]?.split("\n").length ?? 0;
        assert.ok(line >= 1 && line <= lines && column >= 1, `${file}:${line}:${column}`);
        assert.ok(ERROR_CODES.includes(code) && message.length > 0 && fix.length > 0);
        assert.ok(!`${message}${fix}`.includes("undefined"), `${message} / ${fix}`);
      }
      for (const { name, spec, dag } of pipelines) {
        assert.equal(spec.name, name);
        assert.equal(dag.nodes.length, spec.nodes.length);
        assert.ok(spec.nodes.every(({ timeoutMs }) => timeoutMs > 0 && timeoutMs < 4e12));
        assert.deepEqual(JSON.parse(JSON.stringify(spec.nodes)).length, spec.nodes.length);
      }
      outcomes[problems.length === 0 ? "good" : "refused"]++;
    } catch (error) {
      throw new Error(`file ${index}: ${JSON.stringify(texts)}`, { cause: error });
    }
    assert.ok(performance.now() - start < 2_000, JSON.stringify(texts));
  }
  assert.ok(outcomes.good > 500 && outcomes.refused > 1_000, JSON.stringify(outcomes));
});

Deno.test("readPipelines() answers a bomb of aliases and a file of 20 000 tasks in bounded time", () => {
  const bomb = Array.from(
    { length: 25 },
    (_, index) => `a${index}: &a${index} [${index === 0 ? "x" : `*a${index - 1}, *a${index - 1}`}]`,
  ).join("\n");
  const read = readPipelines([{ file: "bomb.yml", text: `${bomb}\npipelines: *a24\n` }], compile);
  assert.equal(read.pipelines.length, 0);
  assert.equal(read.problems[0]?.code, "YAML_ALIAS");
  const tasks = Array.from(
    { length: 20_000 },
    (_, index) =>
      `      t${index}: { script: [ls], depends_on: [${index > 0 ? `t${index - 1}` : ""}] }`,
  ).join("\n");
  const start = performance.now();
  const large = readPipelines([
    { file: "large.yml", text: `pipelines:\n  x:\n    tasks:\n${tasks}\n` },
  ], compile);
  assert.deepEqual([large.problems, large.pipelines[0]?.dag.stages.length], [[], 20_000]);
  assert.ok(performance.now() - start < 20_000);
});
