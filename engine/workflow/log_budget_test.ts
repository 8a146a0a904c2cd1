import assert from "node:assert/strict";
import { LogBudget, MAX_LOG_LINES, MAX_OUTPUT_BYTES } from "./log_budget.ts";

Deno.test("a run keeps so many lines of its nodes, and says how many it left out", () => {
  const budget = new LogBudget();
  for (let i = 0; i < MAX_LOG_LINES; i++) assert.ok(budget.take(line("code", "x")));
  assert.ok(!budget.take(line("code", "x")));
  assert.deepEqual(budget.report().map(({ node, message }) => [node, message]), [
    ["code", "1 further log line was not kept"],
  ]);
});

Deno.test("a run keeps every line of a script, up to 64 MiB, whatever its other nodes say", () => {
  const budget = new LogBudget(new Set(["script"]));
  for (let i = 0; i < 3 * MAX_LOG_LINES; i++) assert.ok(budget.take(line("script", "x")));
  assert.ok(budget.take(line("code", "x")));
  const large = "x".repeat(MAX_OUTPUT_BYTES / 4);
  assert.ok(budget.take(line("script", large)));
  assert.ok(!budget.take(line("script", large)));
  assert.ok(budget.take(line("script", "y")), "there is room for it");
});

function line(node: string, message: string) {
  return { kind: "log", node, attempt: 1, level: "info", message } as const;
}
