import assert from "node:assert/strict";
import { formatDiagnostic } from "./format_diagnostic.ts";
import { parseWorkflow } from "./parse_workflow.ts";

function file(node: string, config: string): string {
  return `name: demo\nversion: "1.0"\nnodes:\n  a: { ${node} }\nconfig: { ${config} }\n`;
}

Deno.test("parseWorkflow() reads images by stage, beside what is common to all containers", () => {
  const { spec, diagnostics } = parseWorkflow(file(
    "path: ./a.ts",
    "driver: native, container: alpine, stages: [{ stage: 2, container: golang:1 }]",
  ));
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(spec?.config.stages, [{ stage: 2, container: "golang:1" }]);
  assert.equal(spec?.config.values["container"], "alpine");
  // What was stored before there were stages is still the same.
  const plain = parseWorkflow(file("path: ./a.ts", "retries: 1")).spec;
  assert.ok(plain !== undefined && !("stages" in plain.config));
});

for (
  const [config, at] of [
    ["driver: Docker", "5:19"],
    ['container: "my image"', "5:22"],
    ["stages: { a: 1 }", "5:19"],
    ["stages: [{ stage: 0, container: alpine }]", "5:29"],
    ["stages: [{ stage: 1 }]", "5:20"],
    ["stages: [{ stage: 1, container: alpine, image: x }]", "5:51"],
  ] as const
) {
  Deno.test(`parseWorkflow() refuses config: { ${config} }`, () => {
    const { spec, diagnostics } = parseWorkflow(file("path: ./a.ts", config));
    assert.equal(spec, undefined);
    assert.deepEqual(diagnostics.map(({ line, column }) => `${line}:${column}`), [at]);
  });
}

const PORTABLE: readonly (readonly [string, string, string])[] = [
  ["a relative path", "run: cat a.json", "driver: native"],
  ["the variable", 'run: cat "$PD_WORKSPACE/a"', "driver: native"],
  ["another folder's own", "run: ls /srv/workspace/a ./workspace", "driver: native"],
  ["a longer name", "run: ls /workspace-2", "driver: native"],
  ["a driver of its own", "run: ls /workspace, driver: docker", "driver: native"],
  ["no native driver", "run: ls /workspace", "driver: docker"],
];
const BOUND: readonly (readonly [string, string, string])[] = [
  ["a script", "run: cd /workspace/src && make", "driver: native"],
  ["a script in quotes", `run: 'cat "/workspace/a"'`, "driver: native"],
  ["an argument", "command: [cat, /workspace/a]", "driver: native"],
  ["an argument with a value", "command: [cat, --in=/workspace/a]", "driver: native"],
  ["the node's driver", 'command: [ls, /workspace], driver: "native://?a=b"', "retries: 0"],
];

for (const [what, node, config] of PORTABLE) {
  Deno.test(`parseWorkflow() takes ${what} as portable`, () => {
    assert.deepEqual(parseWorkflow(file(node, config)).diagnostics, []);
  });
}

for (const [what, node, config] of BOUND) {
  Deno.test(`parseWorkflow() warns of /workspace on the host: ${what}`, () => {
    const { spec, diagnostics } = parseWorkflow(file(node, config));
    assert.ok(spec !== undefined);
    assert.deepEqual(diagnostics.map(({ severity, line }) => [severity, line]), [["warning", 4]]);
    assert.match(diagnostics.map(formatDiagnostic).join("\n"), /\$PD_WORKSPACE in place of/);
  });
}
