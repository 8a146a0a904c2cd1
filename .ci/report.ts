import type { StepOutcome } from "./step.ts";

/** How many lines of a failed step that is no test run are shown again. */
const TAIL_LINES = 200;

/**
 * The end of a gate run: what failed, once more and in one place; a table of steps; and, alone on the last
 * line, `N passed, N failed`. That line counts tests, and each failed step that is no test run as one.
 */
export function describeOutcomes(outcomes: readonly StepOutcome[]): string {
  const failures = outcomes.filter(({ success }) => !success).map(describeFailure);
  const width = Math.max(...outcomes.map(({ step }) => step.name.length));
  const table = outcomes.map(({ step, success, durationMs, tests }) => {
    const counts = tests === undefined ? "" : `  ${tests.passed} passed, ${tests.failed} failed`;
    const seconds = (durationMs / 1000).toFixed(1).padStart(6);
    return `${success ? "ok    " : "FAILED"}  ${step.name.padEnd(width)} ${seconds} s${counts}`;
  });
  let [passed, failed] = [0, 0];
  for (const { success, tests } of outcomes) {
    passed += tests?.passed ?? 0;
    failed += tests?.failed ?? (success ? 0 : 1);
  }
  return [...failures, header("summary"), ...table, "", `${passed} passed, ${failed} failed`, ""]
    .join("\n");
}

/** The line that begins a section of the run. */
export function header(title: string): string {
  return `\n==== ${title} ${"=".repeat(Math.max(4, 90 - title.length))}`;
}

function describeFailure({ step, output, tests }: StepOutcome): string {
  const errors = tests === undefined ? -1 : output.search(/^ ERRORS $/m);
  const part = errors >= 0
    ? output.slice(errors)
    : output.split("\n").slice(-TAIL_LINES).join("\n");
  return `${header(`${step.name} failed`)}\n${part.trim()}`;
}
