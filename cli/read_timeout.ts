import { parseDuration } from "../engine/units/mod.ts";
import { UsageError } from "./usage_error.ts";

/** `--timeout` in milliseconds. */
export function readTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(
    `Cannot use --timeout "${text}" as it is a duration above zero`,
    "--timeout 30s",
  );
}
