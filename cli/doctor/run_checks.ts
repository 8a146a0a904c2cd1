import type { Check, CheckEnv, Finding } from "./check.ts";

/** No program is waited for longer than this. */
const PROGRAM_TIMEOUT_MS = 5_000;

/** A finding with the name of its check. */
export interface CheckedFinding extends Finding {
  readonly name: string;
  readonly why: string;
}

/** Runs all checks at once; a check that breaks is a failed one. In the order of `checks`. */
export function runChecks(
  checks: readonly Check[],
  env: (name: string) => string | undefined,
): Promise<readonly CheckedFinding[]> {
  const host: CheckEnv = { env, run: runProgram };
  return Promise.all(checks.map(async ({ name, why, check }) => {
    try {
      return { name, why, ...await check(host) };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { name, why, status: "fail", detail, fix: "pd doctor -v" } as const;
    }
  }));
}

async function runProgram(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string } | undefined> {
  try {
    const { code, signal, stdout } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(PROGRAM_TIMEOUT_MS),
    }).output();
    return signal === null ? { code, stdout: new TextDecoder().decode(stdout) } : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
