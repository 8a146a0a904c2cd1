import { PdError } from "../errors/mod.ts";
import { formatDiagnostic } from "../spec/mod.ts";
import { WorkflowInvalidError } from "../workflow/mod.ts";
import type { RegistryProblem } from "./registry.ts";

/** What kept a place from being loaded: every mistake a line, else the one error. */
export function describeProblem(place: string, error: unknown): RegistryProblem {
  if (error instanceof WorkflowInvalidError) {
    const mistakes = error.diagnostics.filter(({ severity }) => severity === "error");
    return { place, message: mistakes.map((mistake) => formatDiagnostic(mistake)).join("\n") };
  }
  const { message } = error instanceof Error ? error : new Error(String(error));
  return { place, message: error instanceof PdError ? `${error.code} ${message}` : message };
}
