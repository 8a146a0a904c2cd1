import assert from "node:assert/strict";
import type { Diagnostic } from "./diagnostic.ts";
import { formatDiagnostic } from "./format_diagnostic.ts";

const CYCLE: Diagnostic = {
  code: "DAG_CYCLE",
  severity: "error",
  message: "Cannot order nodes as edges form a loop: a -> b -> a",
  fix: 'Remove the edge "b" -> "a" from workflow.yaml',
  file: "workflow.yaml",
  path: ["edges", 1],
  line: 12,
  column: 7,
};

Deno.test("formatDiagnostic() writes place, code and problem, then the fix on its own line", () => {
  assert.equal(
    formatDiagnostic(CYCLE),
    "workflow.yaml:12:7 DAG_CYCLE Cannot order nodes as edges form a loop: a -> b -> a\n" +
      '  Fix: Remove the edge "b" -> "a" from workflow.yaml',
  );
});

Deno.test("formatDiagnostic() says when a problem is only a warning", () => {
  assert.match(
    formatDiagnostic({ ...CYCLE, severity: "warning" }),
    /^workflow\.yaml:12:7 warning DAG_CYCLE /,
  );
});
