import assert from "node:assert/strict";
import type { JsonValue } from "../json/mod.ts";
import { partitionOf, QueueFullError } from "./mod.ts";

const CASES: readonly (readonly [string | undefined, JsonValue, string])[] = [
  [undefined, { branch: "main" }, ""],
  ["branch", { branch: "main" }, "main"],
  ["input.branch", { branch: "main" }, "main"],
  ["$.branch", { branch: "main" }, "main"],
  ["repository.name", { repository: { name: "pd" } }, "pd"],
  ["$.input.branch", { input: { branch: "main" } }, "main"],
  ["commits.0.id", { commits: [{ id: "abc" }] }, "abc"],
  ["number", { number: 12 }, "12"],
  ["draft", { draft: false }, "false"],
  ["tags", { tags: ["a", "b"] }, '["a","b"]'],
  ["branch", { branch: null }, ""],
  ["branch", {}, ""],
  ["branch.name", { branch: "main" }, ""],
  ["branch", "main", ""],
  ["branch", null, ""],
  ["constructor", {}, ""],
  ["long", { long: "x".repeat(1_000) }, "x".repeat(256)],
];

for (const [key, input, want] of CASES) {
  Deno.test(`partitionOf() at ${key} of ${JSON.stringify(input).slice(0, 40)}`, () => {
    assert.equal(partitionOf(key, input), want);
  });
}

Deno.test("QueueFullError tells the figures, and what to change", () => {
  const error = new QueueFullError("digest", {
    decision: "refuse",
    limit: 3,
    waiting: 3,
    running: 2,
    concurrency: 2,
  });
  assert.equal(error.code, "QUEUE_FULL");
  assert.equal(
    error.message,
    'Cannot queue a run of "digest" as queue_limit is 3: 3 wait, and 2 of 2 run',
  );
  assert.equal(error.fix, "Try again later, or change workflow.yaml: config.queue_limit: 6");
});
