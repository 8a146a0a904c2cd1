import type { HttpBody, HttpExchange, Redactor } from "../context/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/** What stands in place of a secret. */
export const HIDDEN = "***";

/** Takes the values of known secrets, and tokens of well-known shapes, out of a text. */
export type TextRedactor = Pick<Redactor, "text">;

/**
 * Names whose values are secrets even when nobody declared them: `access_token`, `client-secret`,
 * `X-Amz-Signature`. A token that only leads to the next page is none.
 */
const SECRET_NAME =
  /^(?!.*(?:page|next|continuation|sync))(?:(?:.*[_-])?(?:token|secret|password|passwd|api[_-]?key|signature|sig|credential|private[_-]?key)|assertion|authorization|(?:access|refresh|id)token|clientsecret)$/i;

/** Response headers that are kept: those that a node may act on, and that hold no credential. */
const KEPT_HEADERS = [
  "content-type",
  "content-language",
  "etag",
  "last-modified",
  "link",
  "location",
  "retry-after",
  "x-total-count",
];

/** An exchange without secrets: what a file may hold. */
export function scrubExchange(exchange: HttpExchange, redactor: TextRedactor): HttpExchange {
  const { requestBody } = exchange;
  return {
    ...exchange,
    url: scrubUrl(exchange.url, redactor),
    requestBody: requestBody === undefined ? undefined : scrubBody(requestBody, redactor),
    headers: scrubHeaders(exchange.headers, redactor),
    body: scrubBody(exchange.body, redactor),
  };
}

/** A URL without user, password, fragment, and the values of secret query parameters. */
export function scrubUrl(url: string, redactor: TextRedactor): string {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  parsed.hash = "";
  const query = scrubQuery(parsed.search.slice(1), redactor);
  parsed.search = "";
  return redactor.text(parsed.href) + (query === "" ? "" : `?${query}`);
}

/** A JSON value without secrets: strings, keys and numbers that hold one, and members named like one. */
export function scrubJson(value: JsonValue, redactor: TextRedactor): JsonValue {
  if (typeof value === "string") return redactor.text(value);
  if (typeof value === "number") {
    const text = String(value);
    const clean = redactor.text(text);
    return clean === text ? value : clean;
  }
  if (Array.isArray(value)) return value.map((item) => scrubJson(item, redactor));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      redactor.text(key),
      isHiddenMember(key, member) ? HIDDEN : scrubJson(member, redactor),
    ]),
  );
}

function isHiddenMember(key: string, member: JsonValue): boolean {
  return typeof member === "string" && member !== "" && SECRET_NAME.test(key);
}

function scrubHeaders(
  headers: HttpExchange["headers"],
  redactor: TextRedactor,
): HttpExchange["headers"] {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), scrubHeader(name, value, redactor)] as const)
      .filter(([name]) => KEPT_HEADERS.includes(name))
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** `location` and `link` hold URLs, whose queries may hold a token that nobody declared. */
function scrubHeader(name: string, value: string, redactor: TextRedactor): string {
  const isAddress = /^(?:location|link)$/i.test(name);
  const clean = isAddress
    ? value.replace(/\?[^\s<>"#]*/g, (query) => `?${scrubQuery(query.slice(1), redactor)}`)
    : value;
  return redactor.text(clean);
}

function scrubBody(body: HttpBody, redactor: TextRedactor): HttpBody {
  if ("base64" in body) return scrubBytes(body.base64, redactor);
  const json = parseWhole(body.text);
  if (json !== undefined) {
    const clean = scrubJson(json, redactor);
    // text that needed no scrubbing stays as it came, to the last space
    return JSON.stringify(clean) === JSON.stringify(json) ? body : { text: JSON.stringify(clean) };
  }
  if (isForm(body.text)) return { text: scrubQuery(body.text, redactor) };
  return { text: redactor.text(body.text) };
}

/** Bytes that are no text may still hold a secret as plain characters. */
function scrubBytes(base64: string, redactor: TextRedactor): HttpBody {
  const characters = atob(base64);
  const clean = redactor.text(characters);
  return { base64: clean === characters ? base64 : btoa(clean) };
}

/** `name=value&…`, as the form of an OAuth token request. */
function isForm(text: string): boolean {
  return text.length < 64 * 1024 &&
    /^[^\s=&<>{}]+=[^\s&<>{}]*(?:&[^\s=&<>{}]+=[^\s&<>{}]*)*$/.test(text);
}

function scrubQuery(query: string, redactor: TextRedactor): string {
  return query.split("&").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    const isHidden = value.length > 0 && SECRET_NAME.test(decode(name));
    return isHidden ? `${name}=${HIDDEN}` : redactor.text(pair);
  }).join("&");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseWhole(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
