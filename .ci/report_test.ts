import assert from "node:assert/strict";
import { describeOutcomes } from "./report.ts";
import { countTests, type StepOutcome } from "./step.ts";

function outcome(name: string, success: boolean, output: string, isTest: boolean): StepOutcome {
  const step = { name, about: "", args: [isTest ? "test" : "lint"] };
  const tests = isTest ? countTests(output, success) : undefined;
  return { step, success, durationMs: 1234, output, tests };
}

function lastLine(outcomes: readonly StepOutcome[]): string | undefined {
  return describeOutcomes(outcomes).trimEnd().split("\n").at(-1);
}

Deno.test("the closing line sums up the test runs", () => {
  const unit = outcome(
    "unit",
    true,
    "ok | 12 passed (3 steps) | 0 failed | 2 ignored (1s)\n",
    true,
  );
  const e2e = outcome("e2e", true, "ok | 7 passed | 0 failed (1m3s)\n", true);
  assert.equal(lastLine([outcome("lint", true, "", false), unit, e2e]), "19 passed, 0 failed");
});

Deno.test("the closing line counts a failed check, so that it never reads like success", () => {
  const unit = outcome("unit", true, "ok | 12 passed | 0 failed (1s)\n", true);
  assert.equal(lastLine([outcome("lint", false, "bad", false), unit]), "12 passed, 1 failed");
});

Deno.test("a test run that dies without a closing line counts as one failure", () => {
  assert.deepEqual(countTests("error: Type checking failed.\n", false), { passed: 0, failed: 1 });
  assert.deepEqual(countTests("ok | 5 passed | 0 failed (1s)\nerror: leak\n", false), {
    passed: 5,
    failed: 1,
  });
});

Deno.test("what a test printed is not taken for the closing line", () => {
  const output = "FAILED | 1 passed | 9 failed (1s)\n...\nFAILED | 3 passed | 2 failed (1s)\n";
  assert.deepEqual(countTests(output, false), { passed: 3, failed: 2 });
});

Deno.test("the report shows what failed once more, from its list of errors on", () => {
  const output =
    "noise\n\n ERRORS \n\nit works => a_test.ts:1\n\nFAILED | 0 passed | 1 failed (1s)\n";
  const report = describeOutcomes([outcome("unit", false, output, true)]);
  assert.match(report, /==== unit failed =+\n ?ERRORS/);
  assert.ok(!report.includes("noise"));
  assert.match(report, /FAILED {2}unit {4}1\.2 s {2}0 passed, 1 failed/);
});
