import type { HttpCall } from "../context/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { HIDDEN, scrubJson, scrubUrl } from "./scrub.ts";
import { canonicalUrl } from "./service_url.ts";

/** A request reduced to what recordings are found by: no secrets, no accidents of order. */
export interface RequestKey {
  /** Method and URL. */
  readonly target: string;
  readonly body: string;
}

const NO_SECRETS = { text: (text: string): string => text };

/** The key of a recorded or asked request. Members and parameters named like secrets are hidden in both. */
export function requestKey(call: HttpCall): RequestKey {
  return { target: `${call.method.toUpperCase()} ${requestUrl(call.url)}`, body: bodyKey(call) };
}

/** A URL as requests are compared by: its query in order, and without the values of secret parameters. */
export function requestUrl(url: string): string {
  return canonicalUrl(scrubUrl(url, NO_SECRETS));
}

/** Whether `asked` is `recorded`, where `***` in the recorded one stands for any text. */
export function matchesHidden(recorded: string, asked: string): boolean {
  const parts = recorded.split(HIDDEN);
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return recorded === asked;
  if (asked.length < first.length + last.length) return false;
  if (!asked.startsWith(first) || !asked.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = asked.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= asked.length - last.length;
}

function bodyKey({ requestBody }: HttpCall): string {
  if (requestBody === undefined) return "";
  if ("base64" in requestBody) return requestBody.base64;
  try {
    const value = JSON.parse(requestBody.text) as JsonValue;
    return JSON.stringify(sortKeys(scrubJson(value, NO_SECRETS)));
  } catch {
    return requestBody.text;
  }
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]));
}
