import type { Diagnostic } from "./diagnostic.ts";

/**
 * A diagnostic as text, two lines: `workflow.yaml:12:7 DAG_CYCLE Cannot …`, then an indented `Fix: …`.
 * A warning says so before its code.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message, fix } = diagnostic;
  const kind = severity === "warning" ? "warning " : "";
  return `${file}:${line}:${column} ${kind}${code} ${message}\n  Fix: ${fix}`;
}
