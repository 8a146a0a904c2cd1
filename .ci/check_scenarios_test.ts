import assert from "node:assert/strict";
import { checkScenarios } from "./check_scenarios.ts";

const SOURCES = new Map([[
  "a_test.ts",
  `Deno.test("it works", () => {});
Deno.test('says "no"', () => {});
for (const { name } of CASES) Deno.test(\`the driver \${name} twice\`, () => {});
for (const name of NAMES) Deno.test(\`\${name}\`, () => {});`,
]]);

function check(bullets: string): string[] {
  const text =
    `# S\n\n### Requirement: R\n\n#### Scenario: One\n\n- **WHEN** x\n- **THEN** y\n${bullets}`;
  return checkScenarios([{ path: "spec.md", text }], SOURCES).map(({ where, what }) =>
    `${where} ${what}`
  );
}

Deno.test("checkScenarios() accepts a test that is there by its name", () => {
  assert.deepEqual(check('- Test: `a_test.ts` "it works"'), []);
});

Deno.test("checkScenarios() accepts a name that holds quotes", () => {
  assert.deepEqual(check('- Test: `a_test.ts` "says "no""'), []);
  assert.deepEqual(check('- Test: `a_test.ts` "says \\"no\\""'), []);
});

Deno.test("checkScenarios() accepts a name that a template of the file makes", () => {
  assert.deepEqual(check('- Test: `a_test.ts` "the driver docker twice"'), []);
});

Deno.test("checkScenarios() accepts a bullet that the formatter has wrapped", () => {
  assert.deepEqual(check('- Test: `a_test.ts`\n  "it\n  works"\n- **AND** z'), []);
});

Deno.test("checkScenarios() reports a test that the file does not hold", () => {
  assert.deepEqual(check('- Test: `a_test.ts` "it flies"'), [
    'spec.md:9 names the test "it flies", which a_test.ts does not hold',
  ]);
});

Deno.test("checkScenarios() reports a file that is not there", () => {
  assert.deepEqual(check('- Test: `b_test.ts` "it works"'), [
    "spec.md:9 names a test in b_test.ts, which is no file of the project",
  ]);
});

Deno.test("checkScenarios() reports a scenario without a test", () => {
  assert.deepEqual(check(""), ['spec.md:5 scenario "One" names no test']);
});
