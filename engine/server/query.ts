import { CodedError } from "../errors/mod.ts";
import type { RunStatus } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { InputSpec } from "../spec/mod.ts";

/** Reads `?name=true|false` (also `1|0`, `yes|no`, and no value for true). */
export function readFlag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name);
  if (text === null) return fallback;
  if (/^(true|1|yes|)$/i.test(text)) return true;
  if (/^(false|0|no)$/i.test(text)) return false;
  throw badQuery(name, text, "true or false", `?${name}=false`);
}

/** Reads `?name=N`, a whole number from `min` to `max`. */
export function readInteger(
  query: URLSearchParams,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw badQuery(name, text, `a whole number from ${min} to ${max}`, `?${name}=${fallback}`);
}

/**
 * Reads `?name=<moment>`: epoch milliseconds, or a day or time of ISO 8601, in UTC unless it says otherwise.
 * `undefined` when it is not there.
 */
export function readMoment(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  // The plus of an offset that was not encoded has become a space.
  const match = text.match(/^(\d{4}-\d\d-\d\d)(?:T([\d:.]+)(Z|[+ -]\d\d:?\d\d)?)?$/i);
  const [, day, time = "00:00", zone = "Z"] = match ?? [];
  const at = day === undefined ? NaN : Date.parse(`${day}T${time}${zone.replace(" ", "+")}`);
  if (!Number.isNaN(at)) return at;
  throw badQuery(
    name,
    text,
    "a time of ISO 8601 or epoch milliseconds",
    `?${name}=2026-01-31T09:00:00Z`,
  );
}

const STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
];

/** Reads `?status=failed,cancelled`; `undefined` when it is not there. */
export function readStatuses(query: URLSearchParams): readonly RunStatus[] | undefined {
  const text = query.get("status");
  if (text === null) return undefined;
  return text.split(",").map((word) => {
    const status = STATUSES.find((known) => known === word.trim());
    if (status === undefined) throw badQuery("status", word, STATUSES.join(", "), "?status=failed");
    return status;
  });
}

/**
 * The input that a query string spells: `?topic=deno&limit=5` is `{topic: "deno", limit: 5}` when the
 * workflow declares `limit` as a number, and `{…, limit: "5"}` when it declares nothing. A name that
 * comes twice is a list. What does not read as the declared type stays text, and is refused with the rest.
 */
export function inputOfQuery(
  query: URLSearchParams,
  inputs: { readonly [name: string]: InputSpec },
): JsonObject {
  const input: Record<string, JsonValue> = Object.create(null);
  for (const name of new Set(query.keys())) {
    if (name === "wait") continue;
    const values = query.getAll(name);
    const spec = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    const only = values[0] ?? "";
    if (values.length > 1) input[name] = values;
    else input[name] = spec === undefined ? only : valueOf(only, spec.type);
  }
  return { ...input };
}

function valueOf(text: string, type: InputSpec["type"]): JsonValue {
  if (type === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return type === "array" ? text.split(",") : text;
  }
}

function badQuery(name: string, value: string, want: string, fix: string): CodedError {
  return new CodedError(
    "BAD_REQUEST",
    `Cannot read "${name}" as a query parameter: "${value}" is not ${want}`,
    { fix },
  );
}
