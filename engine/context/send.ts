import type { Secrets } from "./context.ts";
import type { Transport } from "./transport.ts";

/** A request before it is sent, in parts, so that a redirect can send it again. */
export interface Outgoing {
  readonly url: URL;
  readonly init: RequestInit;
  /** Sent as they are to the first URL; those that carry credentials go no further than its origin. */
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly service: string | undefined;
  /** A header that holds one of their values does not follow a redirect to another origin either. */
  readonly secrets: Secrets;
}

const MAX_REDIRECTS = 20;
/** Shorter values are too common to tell anything. */
const MIN_SECRET_LENGTH = 4;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIAL_HEADERS = ["authorization", "x-api-key", "cookie", "proxy-authorization"];
const BODY_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

/**
 * Sends a request and follows redirects as the Fetch standard says ("HTTP-redirect fetch"), with one
 * difference: credentials stay behind for good as soon as the origin changes, which a step down from
 * https to http is as well.
 *
 * @throws {TypeError} for what the standard calls a network error
 */
export async function send(outgoing: Outgoing, transport: Transport): Promise<Response> {
  const { init, signal, service } = outgoing;
  const headers = new Headers(outgoing.headers);
  const mode = init.redirect ?? "follow";
  let url = outgoing.url;
  let { method, body } = { method: init.method ?? "GET", body: init.body ?? null };

  for (let hops = 0;; hops++) {
    const request = new Request(url, {
      ...init,
      method,
      body,
      headers,
      redirect: "manual",
      ...(signal === undefined ? {} : { signal }),
    });
    signal?.throwIfAborted();
    const response = await transport(request, service);
    const target = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (target === null || mode === "manual") return identified(response, url, hops);

    await response.body?.cancel();
    if (mode === "error") throw networkError(url, `redirect is "error"`, "it redirects");
    if (hops === MAX_REDIRECTS) {
      throw networkError(url, `at most ${MAX_REDIRECTS} redirects are followed`, "there are more");
    }
    const next = nextUrl(url, target);
    if (becomesGet(response.status, request.method)) {
      method = "GET";
      body = null;
      for (const name of BODY_HEADERS) headers.delete(name);
    } else if (body !== null && !isReplayable(body)) {
      throw networkError(url, "a stream can be sent once", `it redirects with ${response.status}`);
    }
    if (next.origin !== url.origin) dropCredentials(headers, outgoing.secrets);
    url = next;
  }
}

function nextUrl(from: URL, target: string): URL {
  const next = URL.parse(target, from);
  if (next === null) throw networkError(from, "Location must be a URL", "it redirects to none");
  if (next.protocol !== "https:" && next.protocol !== "http:") {
    throw networkError(from, "redirects lead to http(s)", `it redirects to ${next.protocol}`);
  }
  if (next.hash === "") next.hash = from.hash;
  // What a server writes there is not the caller's to send.
  next.username = "";
  next.password = "";
  return next;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function isReplayable(body: BodyInit): boolean {
  return typeof body === "string" || body instanceof Blob || body instanceof FormData ||
    body instanceof URLSearchParams || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

function dropCredentials(headers: Headers, secrets: Secrets): void {
  const values = Object.values(secrets).flatMap((keys) => Object.values(keys))
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  for (const [name, value] of [...headers]) {
    if (
      CREDENTIAL_HEADERS.includes(name) || values.some((secret) => value.includes(secret))
    ) {
      headers.delete(name);
    }
  }
}

/** Gives a response the URL it came from and whether a redirect led there, as `fetch` does. */
function identified(response: Response, url: URL, hops: number): Response {
  if (response.url === "") {
    Object.defineProperty(response, "url", { value: url.href, configurable: true });
  }
  if (hops > 0) {
    Object.defineProperty(response, "redirected", { value: true, configurable: true });
  }
  return response;
}

function networkError(url: URL, rule: string, state: string): TypeError {
  return new TypeError(`Cannot fetch "${url.origin}${url.pathname}" as ${rule}: ${state}`);
}
