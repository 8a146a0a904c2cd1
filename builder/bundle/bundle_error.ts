import type { BundleProblem } from "../../engine/bundling/mod.ts";
import { PdError } from "../../engine/errors/mod.ts";

/** Nodes cannot be put into an image. The message has every mistake, a line each. */
export class BundleError extends PdError {
  override readonly code = "BUNDLE_FAILED";
  readonly problems: readonly BundleProblem[];

  constructor(dir: string, problems: readonly BundleProblem[]) {
    const lines = problems.map(({ file, line, column, message }) =>
      `\n  ${line > 0 ? `${file}:${line}:${column}` : file} ${message}`
    );
    super(`Cannot bundle "${dir}" as its nodes have mistakes:${lines.join("")}`, {
      fix: `Correct what is listed, then try again: pd build ${dir}`,
    });
    this.problems = problems;
  }
}
