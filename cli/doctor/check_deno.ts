import type { Finding } from "./check.ts";

/** The oldest Deno that pd runs on. The launcher `pd` holds the same number. */
export const OLDEST_DENO = "2.9";

/** Is the Deno under pd new enough, and where is it? */
export function checkDeno(): Promise<Finding> {
  const detail = `${Deno.version.deno} at ${Deno.execPath()}`;
  return Promise.resolve(
    isAtLeast(Deno.version.deno, OLDEST_DENO)
      ? { status: "ok", detail }
      : { status: "fail", detail: `${detail}: older than ${OLDEST_DENO}`, fix: "deno upgrade" },
  );
}

/** Compares `major.minor` of two versions. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
