import assert from "node:assert/strict";
import { formatReport } from "./format_report.ts";
import { toJUnit } from "./junit.ts";
import type { FixtureResult, TestReport } from "./test_report.ts";

function result(part: Partial<FixtureResult>): FixtureResult {
  return {
    kind: "node",
    target: "fetch",
    caseName: undefined,
    file: "tests/fixtures/fetch.json",
    status: "passed",
    durationMs: 12.4,
    failure: undefined,
    logs: [],
    unusedAnswers: [],
    ...part,
  };
}

const REPORT: TestReport = {
  workflow: "digest",
  success: false,
  passed: 1,
  failed: 4,
  updated: 1,
  durationMs: 1234,
  results: [
    result({}),
    result({
      caseName: "nasty",
      file: "tests/fixtures/fetch.nasty.json",
      status: "failed",
      failure: {
        kind: "output",
        differences: [{
          kind: "changed",
          path: ["a<b>"],
          expected: `"quoted" & 'so' ]]>`,
          actual: "\u0000\u001b[31m\ud800\uffff <script>",
        }],
      },
      logs: [{ level: "warn", message: "\u0007 bell", fields: { a: 1 } }],
      unusedAnswers: ["GET hn /v0/x"],
    }),
    result({
      target: "filter",
      status: "failed",
      failure: {
        kind: "error",
        error: {
          code: "NODE_TIMEOUT",
          message: "too slow",
          fix: 'Raise "timeout"',
          stack: "    at filter.ts:1:1",
        },
        expected: { code: "NODE_FAILED", message: "boom" },
      },
    }),
    result({
      target: "filter",
      caseName: "new",
      status: "failed",
      failure: { kind: "unwritten", actual: { a: 1 } },
    }),
    result({ target: "format", status: "updated", file: "tests/fixtures/format.json" }),
    result({
      kind: "pipeline",
      target: "pipeline",
      status: "failed",
      failure: { kind: "unanswered", requests: ["GET hn /v0/y"] },
    }),
  ],
  problems: [{
    code: "FIXTURE_INVALID",
    severity: "error",
    message: 'Cannot read "tests/fixtures/x.json" as JSON: the text ends too early',
    fix: "Correct the JSON at this place",
    file: "tests/fixtures/x.json",
    line: 3,
    column: 1,
    path: [],
  }],
  coverage: { nodes: 4, covered: 3, percent: 75, missing: ["publish"] },
};

Deno.test("toJUnit() writes a suite per node and a case per fixture", async (t) => {
  await t.assertSnapshot(toJUnit(REPORT));
});

Deno.test("toJUnit() holds no character that XML 1.0 forbids, and no markup of a node", () => {
  const xml = toJUnit(REPORT);
  assert.doesNotMatch(xml, /(?![\t\n\r])[\p{Cc}\ufffe\uffff]/u);
  assert.ok(xml.isWellFormed());
  assert.ok(!xml.includes("<script>"));
});

Deno.test("formatReport() shows each fixture, why it failed, and the sums", async (t) => {
  await t.assertSnapshot(formatReport(REPORT, { color: false }));
});

Deno.test("formatReport() in colour says the same", () => {
  const colored = formatReport(REPORT, { color: true });
  const stripped = colored.replaceAll(new RegExp("\u001b\\[\\d+m", "g"), "");
  assert.notEqual(colored, stripped);
  assert.equal(stripped, formatReport(REPORT, { color: false }));
});
