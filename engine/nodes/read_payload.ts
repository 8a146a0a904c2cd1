import type { ErrorRecord, LogLevel, LogLine } from "../executor/mod.ts";
import type {
  HostAsk,
  HostExchange,
  HostFailure,
  HostFetch,
  HostFetched,
  HostReady,
  HostUnask,
} from "./protocol.ts";

/**
 * Readers of what a host sends. A node can change how its host writes, so nothing is taken at its word:
 * each throws a `SyntaxError` for what no host of this engine would write.
 */

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const METHOD = /^[a-zA-Z]{1,32}\.[a-zA-Z]{1,32}$/;
const MAX_NAME_CHARS = 100;
const MAX_URL_CHARS = 2_000;
const LEVELS: { readonly [level: string]: LogLevel | undefined } = {
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
};

type Fields = { readonly [key: string]: unknown };

/** Payload of `FAILED`. */
export function readFailure(text: string): HostFailure {
  return failureOf(JSON.parse(text));
}

/** Payload of `LOG`. */
export function readLog(text: string): LogLine {
  const line = JSON.parse(text);
  const { level, message, fields } = fieldsOf(line);
  const known = typeof level === "string" && Object.hasOwn(LEVELS, level)
    ? LEVELS[level]
    : undefined;
  if (known === undefined) throw wrong("level");
  const plain = { level: known, message: textOf(message, "message") };
  return fields === undefined ? plain : { ...plain, fields: line.fields };
}

/** Payload of `READY`. */
export function readReady(text: string): HostReady {
  const problems: unknown = JSON.parse(text);
  if (!Array.isArray(problems)) throw wrong("problems");
  return problems.map((problem) => {
    const { node, failure } = fieldsOf(problem);
    return { node: textOf(node, "node"), failure: failureOf(failure) };
  });
}

/** Payload of `FETCH`. */
export function readFetch(text: string): HostFetch {
  const asked = JSON.parse(text);
  if (typeof fieldsOf(asked)["request"] !== "number") throw wrong("request");
  checkCall(asked.call);
  return asked;
}

/** Payload of `ASK`, and its length. What `params` are is for the method to say. */
export function readAsk(text: string): HostAsk & { readonly chars: number } {
  const asked = JSON.parse(text);
  const { request, method, params } = fieldsOf(asked);
  if (typeof method !== "string" || !METHOD.test(method)) throw wrong("method");
  if (params === undefined) throw wrong("params");
  return { request: requestOf(request), method, params: asked.params, chars: text.length };
}

/** Payload of `UNASK`. */
export function readUnask(text: string): HostUnask {
  return { request: requestOf(fieldsOf(JSON.parse(text))["request"]) };
}

/** Payload of `EXCHANGE`. */
export function readExchange(text: string): HostExchange {
  const exchange = JSON.parse(text);
  checkCall(exchange);
  const { status, headers, body } = fieldsOf(exchange);
  if (typeof status !== "number") throw wrong("status");
  for (const value of Object.values(fieldsOf(headers))) textOf(value, "header");
  checkBody(body);
  return exchange;
}

/** Payload of `FETCHED`: no longer than a line of a trace may be. */
export function readFetched(text: string): HostFetched {
  const { service, method, url, status, error, startedAt, durationMs } = fieldsOf(JSON.parse(text));
  return {
    service: shortOf(service, "service"),
    method: shortOf(method, "method"),
    url: textOf(url, "url").slice(0, MAX_URL_CHARS),
    ...(status === undefined ? {} : { status: numberOf(status, "status") }),
    ...(error === undefined ? {} : { error: shortOf(error, "error") }),
    startedAt: numberOf(startedAt, "time"),
    durationMs: numberOf(durationMs, "duration"),
  };
}

function failureOf(value: unknown): HostFailure {
  const { error, retry } = fieldsOf(value);
  if (retry === "policy" || retry === "never") return { error: errorOf(error), retry };
  const { after } = fieldsOf(retry);
  if (typeof after !== "number" && typeof after !== "string") throw wrong("retry");
  return { error: errorOf(error), retry: { after } };
}

function errorOf(value: unknown): ErrorRecord {
  const { code, message, fix, stack, exitCode } = fieldsOf(value);
  return {
    // A node's own errors may have any code.
    code: typeof code === "string" && CODE.test(code) ? code : "NODE_FAILED",
    message: textOf(message, "message"),
    ...(fix === undefined ? {} : { fix: textOf(fix, "fix") }),
    ...(stack === undefined ? {} : { stack: textOf(stack, "stack") }),
    ...(exitCode === undefined ? {} : { exitCode: exitCodeOf(exitCode) }),
  };
}

function checkCall(value: unknown): void {
  const { service, method, url, requestBody } = fieldsOf(value);
  if (service !== undefined) textOf(service, "service");
  textOf(method, "method");
  if (!URL.canParse(textOf(url, "url"))) throw wrong("url");
  if (requestBody !== undefined) checkBody(requestBody);
}

function checkBody(value: unknown): void {
  const { text, base64 } = fieldsOf(value);
  textOf(text ?? base64, "body");
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong("object");
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw wrong(name);
}

function shortOf(value: unknown, name: string): string {
  return textOf(value, name).slice(0, MAX_NAME_CHARS);
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  throw wrong(name);
}

function requestOf(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw wrong("request");
}

function exitCodeOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255) {
    return value;
  }
  throw wrong("exit code");
}

function wrong(name: string): SyntaxError {
  return new SyntaxError(`a host sent a frame whose ${name} is none`);
}
