import type { BundleProblem } from "../bundling/mod.ts";
import { PdError } from "../errors/mod.ts";

/** One mistake in the files of a pipeline. */
export type PipelineProblem = BundleProblem;

/** A pipeline's file cannot be used. The message has every mistake, a line each. */
export class PipelineInvalidError extends PdError {
  override readonly code = "PIPELINE_INVALID";
  readonly problems: readonly PipelineProblem[];

  constructor(
    path: string,
    problems: readonly PipelineProblem[],
    fix: string = `Correct what is listed, then try again: pd set-pipeline ${path}`,
  ) {
    const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
    const lines = problems.map((problem) => `\n  ${formatProblem(problem)}`).join("");
    super(`Cannot use "${path}" as a pipeline: it has ${count}${lines}`, { fix });
    this.problems = problems;
  }
}

function formatProblem({ file, line, column, message }: PipelineProblem): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return `${place} ${message}`;
}
