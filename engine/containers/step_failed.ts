import type { TaskResult } from "../drivers/mod.ts";
import type { NodeOutcome } from "../executor/mod.ts";

/** How much of what a program said last stands in a message. */
const MAX_TAIL_LINES = 5;
const MAX_TAIL_CHARS = 1_000;

/** Keeps the last lines of a program for its failure. */
export class Tail {
  #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(0, MAX_TAIL_CHARS));
    if (this.#lines.length > MAX_TAIL_LINES) this.#lines.shift();
  }

  get text(): string {
    return this.#lines.join("\n").slice(-MAX_TAIL_CHARS);
  }
}

/** A program that ended with another exit code than 0. */
export function stepFailed(node: string, result: TaskResult, tail: string): NodeOutcome {
  const { code, reason } = result;
  const isMemory = reason === "out_of_memory";
  const state = isMemory ? `it ran out of memory, exit code ${code}` : `exit code ${code}`;
  return {
    status: "failed",
    error: {
      code: "STEP_FAILED",
      message: `Cannot finish node "${node}" as its program must end with exit code 0: ${state}` +
        (tail === "" ? "" : `\n${tail}`),
      fix: isMemory
        ? `Set nodes.${node}.limits.memory in workflow.yaml higher, or handle less at a time`
        : fixFor(code, node),
      exitCode: Math.min(255, Math.max(1, Math.trunc(code))),
    },
    retry: { kind: "policy" },
  };
}

function fixFor(code: number, node: string): string {
  switch (code) {
    case 126:
      return "Make the program executable (chmod +x), and check that it is built for this machine";
    case 127:
      return `Name a program that is in the image, or another image in nodes.${node}.image`;
    default:
      return `See the last lines of its output; "allow_failure: true" lets the run go on without it`;
  }
}
