import { createEventLog } from "../engine/observability/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import { formatDiagnostic } from "../engine/spec/mod.ts";
import { type Workflow, WorkflowInvalidError } from "../engine/workflow/mod.ts";
import type { ServeReport } from "./serve_report.ts";

/** What lines are made with. */
export interface LogReportOptions {
  write(text: string): void;
  /** Once it is open. */
  workflow(): Workflow | undefined;
  traceIdOf(runId: string): string | undefined;
}

/** Lines for a collector: JSON, an object each. */
export function logReport({ write, workflow, traceIdOf }: LogReportOptions): ServeReport {
  const log = createEventLog({
    format: "json",
    now: Date.now,
    write,
    traceIdOf,
    workflow: () => workflow()?.current.spec.name,
    redact: (value) => workflow()?.redact(value) ?? value,
  });
  return {
    welcome: ({ url }) => log.line("info", `listening on ${url}`, { url }),
    diagnostic: (diagnostic) =>
      log.line("warn", formatDiagnostic(diagnostic), { code: diagnostic.code }),
    warning: (message) => log.line("warn", message),
    trigger: ({ level, message, fields }) => log.line(level, message, fields),
    reload(outcome) {
      const { changed } = outcome;
      if (outcome.status === "reloaded") {
        return log.line("info", "reloaded", { changed, generation: outcome.version });
      }
      log.line("error", `the old version goes on: ${describe(outcome.error)}`, { changed });
    },
    event: (event) => log.event(event),
    stopping: () => log.line("info", "stopping"),
    flush: () => log.flush(),
  };
}

function describe(error: Error): string {
  if (error instanceof WorkflowInvalidError) {
    return error.diagnostics.map(formatDiagnostic).join("\n");
  }
  return error instanceof PdError ? `${error.code} ${error.message}` : error.message;
}
