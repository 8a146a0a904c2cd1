import { PdError } from "../errors/mod.ts";
import type { InputProblem } from "../spec/mod.ts";

/** The input of a run does not fit the workflow's `inputs`; `problems` holds everything that is wrong. */
export class InputInvalidError extends PdError {
  override readonly code = "INPUT_INVALID";
  readonly problems: readonly InputProblem[];

  constructor(workflow: string, problems: readonly InputProblem[]) {
    const [first] = problems;
    super(
      first !== undefined && problems.length === 1
        ? first.message
        : `Cannot start "${workflow}" with this input as it has ${problems.length} problems: ` +
          problems.map((problem) => problem.message).join("; "),
      { fix: problems.map((problem) => problem.fix).join("; ") },
    );
    this.problems = problems;
  }
}
