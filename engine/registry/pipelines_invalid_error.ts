import { PdError } from "../errors/mod.ts";
import type { Diagnostic } from "../spec/mod.ts";

/** The `pipelines.yml` files have mistakes; `diagnostics` holds all of them, of every file. */
export class PipelinesInvalidError extends PdError {
  override readonly code = "PIPELINES_INVALID";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics;
    const what = diagnostics.length === 1 ? "1 problem" : `${diagnostics.length} problems`;
    super(
      `Cannot load "${first?.file}" as pipelines: ${what}` +
        (first === undefined ? "" : `, the first at line ${first.line}: ${first.message}`),
      first === undefined ? {} : { fix: first.fix },
    );
    this.diagnostics = diagnostics;
  }
}
