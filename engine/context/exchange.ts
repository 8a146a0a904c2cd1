import { CodedError } from "../errors/mod.ts";
import type { HttpAnswer, HttpBody, HttpCall, HttpExchange } from "./transport.ts";

/** Never part of an exchange: credentials, and what describes bytes on the wire that are gone. */
const OMITTED_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "x-api-key",
  "cookie",
  "set-cookie",
  "set-cookie2",
  "proxy-authorization",
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const SECRET_PARAMETER =
  /([?&](?:access_token|refresh_token|id_token|api_?key|client_secret|password)=)[^&]*/gi;
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * The asking half of an exchange. Reads the request's body, so give it a clone of one that is yet to
 * be sent. Headers are left out, as is the fragment; credentials in the URL become `***`.
 */
export async function toHttpCall(
  request: Request,
  service: string | undefined,
): Promise<HttpCall> {
  const requestBody = request.body === null ? undefined : await readBody(request);
  return { service, method: request.method, url: withoutCredentials(request.url), requestBody };
}

/** The answering half of an exchange. Reads the response's body. */
export async function toHttpAnswer(response: Response): Promise<HttpAnswer> {
  const body = response.body === null ? { text: "" } : await readBody(response);
  return { status: response.status, headers: keptHeaders(response.headers), body };
}

/** A whole exchange from a call and its answer. Reads the response's body. */
export async function toExchange(call: HttpCall, response: Response): Promise<HttpExchange> {
  return { ...call, ...await toHttpAnswer(response) };
}

/**
 * A response as `fetch` would give it for this answer, its `url` included.
 *
 * @throws {CodedError} `RECORDING_INVALID` when the answer is none: a status out of range, a bad header
 */
export function toResponse(answer: HttpAnswer, url: string): Response {
  const { status, headers } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw invalid(url, "a status is a number from 200 to 599", `it is ${status}`);
  }
  const body = BODILESS.has(status) ? null : bytesOf(answer.body, url);
  const response = new Response(body, { status, headers: toHeaders(headers, url) });
  Object.defineProperty(response, "url", { value: url, configurable: true });
  return response;
}

async function readBody(message: Request | Response): Promise<HttpBody> {
  const bytes = new Uint8Array(await message.arrayBuffer());
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: bytes.toBase64() };
  }
}

/** Bytes rather than text, so that no content type is made up. */
function bytesOf(body: HttpBody, url: string): Uint8Array<ArrayBuffer> {
  if ("text" in body) return new TextEncoder().encode(body.text);
  try {
    return Uint8Array.fromBase64(body.base64);
  } catch {
    throw invalid(url, "a body in base64 is base64", "it holds other characters");
  }
}

function keptHeaders(headers: Headers): HttpAnswer["headers"] {
  return Object.fromEntries([...headers].filter(([name]) => !OMITTED_HEADERS.has(name)));
}

function toHeaders(headers: HttpAnswer["headers"], url: string): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (OMITTED_HEADERS.has(name.toLowerCase())) continue;
    try {
      kept.append(name, value);
    } catch {
      throw invalid(url, "header names and values follow RFC 9110", `"${name}" does not`);
    }
  }
  return kept;
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  return url.href.replace(SECRET_PARAMETER, "$1***");
}

function invalid(url: string, rule: string, state: string): CodedError {
  return new CodedError("RECORDING_INVALID", `Cannot answer "${url}" as ${rule}: ${state}`, {
    fix: "Correct the recorded answer, or record it anew with --record",
  });
}
