import assert from "node:assert/strict";
import { parseWorkflow } from "./parse_workflow.ts";

const HEAD = 'name: demo\nversion: "1.0"\nnodes: { a: { path: a.ts } }\n';

function chain(length: number): string {
  let text = 'name: chain\nversion: "1.0"\nnodes:\n';
  for (let index = 0; index < length; index++) {
    const before = index === 0 ? "" : `    depends_on: [node-${index - 1}]\n`;
    text += `  node-${index}:\n    path: ./nodes/step.ts\n${before}`;
  }
  return text;
}

Deno.test("parseWorkflow() reads 100 000 nodes", () => {
  const { spec, diagnostics } = parseWorkflow(chain(100_000));
  assert.deepEqual(diagnostics, []);
  assert.equal(spec?.nodes.length, 100_000);
  assert.equal(spec.edges.length, 99_999);
});

Deno.test("parseWorkflow() reports every one of 20 000 mistakes", () => {
  const { diagnostics } = parseWorkflow(chain(20_000).replaceAll("path:", "pth:"));
  assert.equal(diagnostics.length, 20_000);
  assert.deepEqual(
    [diagnostics[0]?.line, diagnostics[0]?.code, diagnostics.at(-1)?.line],
    [5, "SPEC_UNKNOWN_KEY", 60_001],
  );
});

Deno.test("parseWorkflow() stops at a 20-level bomb of aliases", () => {
  const levels = Array.from({ length: 20 }, (_, level) => {
    const before = level === 0 ? "[x, x]" : `[*l${level - 1}, *l${level - 1}]`;
    return `  l${level}: &l${level} ${before}\n`;
  });
  const { spec, diagnostics } = parseWorkflow(`${HEAD}config:\n${levels.join("")}`);
  assert.equal(spec, undefined);
  assert.deepEqual(diagnostics.map(({ code }) => code), ["YAML_ALIAS"]);
  assert.match(diagnostics[0]?.message ?? "", /at most 100000 values/);
});

Deno.test("parseWorkflow() stops at a bomb of merge keys", () => {
  const levels = Array.from({ length: 40 }, (_, level) => {
    const before = level === 0
      ? "{ x: 1 }"
      : `{ a: { <<: *l${level - 1} }, b: { <<: *l${level - 1} } }`;
    return `  l${level}: &l${level} ${before}\n`;
  });
  const { diagnostics } = parseWorkflow(`${HEAD}config:\n${levels.join("")}`);
  assert.deepEqual(diagnostics.map(({ code }) => code), ["YAML_ALIAS"]);
});

Deno.test("parseWorkflow() refuses more than 10 MiB before it reads them", () => {
  const limit = 10 * 1024 ** 2;
  const pad = (size: number, letter: string) => `${HEAD}# ${letter.repeat(size)}`;
  const fill = limit - HEAD.length - 2;
  assert.deepEqual(parseWorkflow(pad(fill, "x")).diagnostics, []);
  for (const text of [pad(fill + 1, "x"), pad(fill / 2 + 1, "é")]) {
    const { diagnostics } = parseWorkflow(text);
    assert.deepEqual(diagnostics.map(({ code }) => code), ["WORKFLOW_TOO_LARGE"]);
  }
});

Deno.test("parseWorkflow() refuses too many values before it has them all in memory", () => {
  const { diagnostics } = parseWorkflow(`${HEAD}config:\n  list: [${",".repeat(9_000_000)}]`);
  assert.deepEqual(diagnostics.map(({ code }) => code), ["WORKFLOW_TOO_LARGE"]);
});

Deno.test("parseWorkflow() refuses a million brackets, however they are nested", () => {
  for (const text of ["[".repeat(1e6), "{a: ".repeat(1e6), "- ".repeat(1e6), "? ".repeat(1e6)]) {
    const { diagnostics } = parseWorkflow(text);
    assert.deepEqual(diagnostics.map(({ code }) => code), ["YAML_SYNTAX"]);
  }
});

Deno.test("parseWorkflow() leaves a text of a million mistakes early", () => {
  for (const text of [`name: "${"\\q".repeat(1e6)}"`, "&a ".repeat(1e6), '"a" '.repeat(1e6)]) {
    const { diagnostics } = parseWorkflow(text);
    assert.deepEqual(diagnostics.map(({ code, line }) => `${code} ${line}`), ["YAML_SYNTAX 1"]);
  }
});
