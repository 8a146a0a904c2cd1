/** Thrown by `runtime.exit()`, to leave the pipeline from wherever it is. */
export class PipelineExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The pipeline has ended with runtime.exit(${exitCode})`);
    this.name = "PipelineExit";
    this.exitCode = exitCode;
  }
}
