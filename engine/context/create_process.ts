import { CodedError } from "../errors/mod.ts";
import type { AskEngine } from "./ask_engine.ts";
import { imageInScope } from "./container_scope.ts";
import type { Context, ProcessOptions, ProcessResult } from "./context.ts";
import { processParams } from "./process_params.ts";

/** Lines and characters of a failed command's last words in its error. */
const LAST_LINES = 5;
const LAST_CHARS = 2_000;

/** The `ctx.process` of one attempt, which asks the engine. */
export function createProcess(ask: AskEngine): Context["process"] {
  return Object.freeze({
    async run(options: ProcessOptions): Promise<ProcessResult> {
      const params = processParams(options, imageInScope());
      const result = await ask("process.run", params) as unknown as ProcessResult;
      if (result.exitCode !== 0 && options.check !== false) throw failed(options.command, result);
      return result;
    },
  });
}

function failed(command: string, { exitCode, stdout, stderr }: ProcessResult): CodedError {
  const words = lastLines(stderr) || lastLines(stdout);
  return new CodedError(
    "PROCESS_FAILED",
    `Cannot run "${
      command.slice(0, 200)
    }" to its end as its exit code must be 0: it is ${exitCode}` +
      (words === "" ? "" : `\n${words}`),
    {
      fix: "Read what it wrote, or pass check: false and look at exitCode",
      exitCode: Math.min(Math.max(exitCode, 1), 255),
    },
  );
}

function lastLines(text: string): string {
  return text.trimEnd().slice(-LAST_CHARS).split("\n").slice(-LAST_LINES).join("\n");
}
