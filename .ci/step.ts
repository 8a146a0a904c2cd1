/** One command of the gate. */
export interface Step {
  /** A word, to pick it by: `deno task ok lint`. */
  readonly name: string;
  /** What it makes sure of. */
  readonly about: string;
  /** Arguments of the runtime that runs the gate. */
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

/** How a step ended. */
export interface StepOutcome {
  readonly step: Step;
  readonly success: boolean;
  readonly durationMs: number;
  /** Everything it printed, without colours. */
  readonly output: string;
  /** Counted tests; `undefined` for a step that is no test run. */
  readonly tests: { readonly passed: number; readonly failed: number } | undefined;
}

/** A step that takes longer than this hangs. */
const MAX_STEP_MS = 15 * 60 * 1000;

/** How long after a step's end its output may stay open, held by a process that it left behind. */
const OUTPUT_GRACE_MS = 3_000;

/**
 * Runs `step` in `root`, showing what it prints as it comes. Never throws for a step that fails. One that
 * takes longer than `maxMs` is ended, and has failed.
 */
export async function runStep(
  step: Step,
  root: string,
  maxMs: number = MAX_STEP_MS,
): Promise<StepOutcome> {
  const startedAt = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    cwd: root,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...step.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const limit = setTimeout(() => child.kill("SIGKILL"), maxMs);
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const shown = Promise.all(readers.map(show));
  const { success, signal } = await child.status;
  clearTimeout(limit);
  const grace = setTimeout(() => readers.forEach((reader) => reader.cancel()), OUTPUT_GRACE_MS);
  await shown;
  clearTimeout(grace);
  const durationMs = performance.now() - startedAt;
  if (signal === "SIGKILL") output += `\nended by ${signal} after ${Math.round(durationMs)} ms\n`;
  return {
    step,
    success,
    durationMs,
    output,
    tests: step.args[0] === "test" ? countTests(output, success) : undefined,
  };

  async function show(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const text = decoder.decode(next.value, { stream: true });
      output += text;
      await write(text);
    }
  }
}

/**
 * What the closing line of a test run says: `ok | 12 passed (3 steps) | 0 failed | 1 ignored (2s)`. A run
 * that failed without saying so (a type error, a leak, a crash) counts as one failure.
 */
export function countTests(output: string, success: boolean): { passed: number; failed: number } {
  const closing = [
    ...output.matchAll(/^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm),
  ];
  const [, passed = "0", failed = "0"] = closing.at(-1) ?? [];
  return { passed: Number(passed), failed: success ? Number(failed) : Math.max(1, Number(failed)) };
}

/** Prints to stdout as it is. */
export async function write(text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
}
