import { CodedError } from "../errors/mod.ts";

/** Secrets while they are put together: service, key, value. */
export type SecretMap = Map<string, Map<string, string>>;

/** Lays `over` onto `under`, key by key. */
export function mergeSecrets(under: SecretMap, over: SecretMap): void {
  for (const [service, keys] of over) {
    const merged = under.get(service) ?? new Map<string, string>();
    for (const [key, value] of keys) merged.set(key, value);
    under.set(service, merged);
  }
}

/**
 * The secrets of one file that holds a single service: a JSON or YAML object of keys, or any other text,
 * trimmed, as `{value}`.
 *
 * @throws {CodedError} `SECRETS_INVALID`, naming the file and never its content
 */
export async function parseServiceFile(text: string, file: string): Promise<Map<string, string>> {
  const trimmed = text.trim();
  const kind = formatOf(trimmed, file);
  if (kind === "text") return new Map([["value", trimmed]]);
  const data = kind === "json" ? parseJson(trimmed, file) : await parseYaml(trimmed, file);
  if (!isObject(data)) {
    throw invalid(file, "a service's file holds an object of keys", "it holds something else", {
      fix: `Write {"token": "…"} to ${file}`,
    });
  }
  return toKeys(data);
}

/**
 * The secrets of one file that holds several services: an object of services in JSON or YAML, each an
 * object of keys, or a single value as `{value}`.
 *
 * @throws {CodedError} `SECRETS_INVALID`, naming the file and never its content
 */
export async function parseSecretsFile(text: string, file: string): Promise<SecretMap> {
  const trimmed = text.trim();
  const isJson = /\.json$/i.test(file) || (!/\.ya?ml$/i.test(file) && trimmed.startsWith("{"));
  const data = isJson ? parseJson(trimmed, file) : await parseYaml(trimmed, file);
  if (data === null || data === "") return new Map();
  if (!isObject(data)) {
    throw invalid(file, "it holds an object of services", "it holds something else", {
      fix: `Write to ${file}: github: { token: "…" }`,
    });
  }
  const services: SecretMap = new Map();
  for (const [service, keys] of Object.entries(data)) {
    const value = toValue(keys);
    if (isObject(keys)) services.set(service, toKeys(keys));
    else if (value !== undefined) services.set(service, new Map([["value", value]]));
  }
  return services;
}

/** A `SECRETS_INVALID` about one file. */
export function invalid(
  file: string,
  rule: string,
  state: string,
  options: { readonly fix: string },
): CodedError {
  return new CodedError(
    "SECRETS_INVALID",
    `Cannot read secrets "${file}" as ${rule}: ${state}`,
    options,
  );
}

/** By extension; without a telling one, braces mean JSON. */
function formatOf(text: string, file: string): "json" | "yaml" | "text" {
  if (/\.json$/i.test(file)) return "json";
  if (/\.ya?ml$/i.test(file)) return "yaml";
  return text.startsWith("{") && text.endsWith("}") ? "json" : "text";
}

/** Values are text: numbers and booleans as written, lists and objects as JSON; null is left out. */
function toKeys(data: { readonly [key: string]: unknown }): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const text = toValue(value);
    if (text !== undefined) keys.set(key, text);
  }
  return keys;
}

function toValue(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text, asWritten);
  } catch (error) {
    // The runtime's message quotes the text: only the place is taken from it, where it has one.
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(String(error)) ?? [];
    const place = line === undefined ? "" : ` at line ${line}, column ${column}`;
    throw invalid(file, "it must be JSON", `it has a syntax error${place}`, {
      fix: `Correct ${file}, or rename it to .txt when it is plain text`,
    });
  }
}

/** Keeps the digits of a number that JavaScript would round: account numbers are secrets too. */
function asWritten(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return String(value) === context.source ? value : context.source;
}

async function parseYaml(text: string, file: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  // "failsafe" reads every scalar as the text that is written: no octal, no rounding, no dates.
  const document = parseDocument(text, { schema: "failsafe", prettyErrors: false, lineCounter });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const what = error.code.toLowerCase().replaceAll("_", " ");
    throw invalid(file, "it must be YAML", `${what} at line ${line}, column ${col}`, {
      fix: `Correct ${file}; put values that hold ":" or "#" in quotes`,
    });
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw invalid(file, "its aliases must resolve", "one does not, or there are too many", {
      fix: `Write the values of ${file} out instead of using * and &`,
    });
  }
}
