import { UsageError } from "./usage_error.ts";

/**
 * The whole number that a flag was given.
 *
 * @throws {UsageError} when it is none, or out of range
 */
export function readInteger(
  text: string,
  { flag, min, max }: { readonly flag: string; readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(
    `Cannot use ${flag} "${text}" as it is a whole number from ${min} to ${max}`,
    `${flag} ${Math.max(min, Math.min(max, 8080))}`,
  );
}
