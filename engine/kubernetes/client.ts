import type { Cluster, Credentials } from "./cluster.ts";
import { KubernetesError } from "./kubernetes_error.ts";
import { statusError } from "./status_error.ts";
import { WebSocketConnection } from "./web_socket.ts";
import { whyUnreachable } from "./why_unreachable.ts";

/** One request to the API. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/api` or `/apis` on. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | readonly string[] | undefined };
  readonly json?: unknown;
  /** `application/json` unless told otherwise; a patch needs its own. */
  readonly contentType?: string;
  /** `application/json` unless told otherwise, such as for an object without its content. */
  readonly accept?: string;
  /** Sent as it is in place of `json`. */
  readonly text?: string;
  /** Hands on every answer, whatever its status: that of a service behind the API server is its own. */
  readonly isRaw?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Until the answer begins. */
  readonly timeoutMs?: number;
}

const LIMIT_MS = 10_000;

/** Asks a cluster, by HTTP and WebSocket. Holds connections: dispose it. */
export class ApiClient implements Disposable {
  readonly cluster: Cluster;
  #http: { readonly client: Deno.HttpClient; readonly of: Credentials } | undefined;
  readonly #old: Deno.HttpClient[] = [];

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /**
   * Asks, and answers the JSON that comes back.
   *
   * @throws {KubernetesError}
   */
  async ask<T>(request: ApiRequest): Promise<T> {
    const response = await this.open(request);
    try {
      return await response.json();
    } catch (cause) {
      request.signal?.throwIfAborted();
      throw this.#unavailable(cause);
    }
  }

  /**
   * Asks, and answers once the head is there. The body must be read or cancelled.
   *
   * @throws {KubernetesError}
   */
  async open(request: ApiRequest): Promise<Response> {
    const { method, json, text = json === undefined ? undefined : JSON.stringify(json) } = request;
    const limitMs = request.timeoutMs ?? LIMIT_MS;
    const { client, authorization } = await this.#connect();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), limitMs);
    const signals = [late.signal, ...request.signal === undefined ? [] : [request.signal]];
    try {
      const response = await fetch(`${this.cluster.server}${pathOf(request)}`, {
        method,
        client,
        redirect: "manual",
        headers: {
          accept: request.accept ?? "application/json",
          ...authorization === undefined ? {} : { authorization },
          ...text === undefined
            ? {}
            : { "content-type": request.contentType ?? "application/json" },
        },
        ...text === undefined ? {} : { body: text },
        signal: AbortSignal.any(signals),
      });
      if (response.ok || request.isRaw === true) return response;
      const asked = { server: this.cluster.server, method, path: request.path };
      throw statusError(asked, response.status, await response.text());
    } catch (cause) {
      if (cause instanceof KubernetesError) throw cause;
      request.signal?.throwIfAborted();
      const isLate = late.signal.aborted;
      throw this.#unavailable(isLate ? `no answer in ${limitMs / 1000} s` : cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Opens a WebSocket at a path, over a connection of its own: what comes is not read faster than it is taken.
   *
   * @throws {KubernetesError}
   */
  async openSocket(
    request: Pick<ApiRequest, "path" | "query" | "signal">,
    protocol: string,
  ): Promise<WebSocketConnection> {
    const { ca, server } = this.cluster;
    const credentials = await this.cluster.credentials();
    const { authorization, cert, key } = credentials;
    const url = new URL(server);
    const path = `${url.pathname.replace(/\/$/, "")}${pathOf({ method: "GET", ...request })}`;
    try {
      const answer = await WebSocketConnection.open({
        url,
        path,
        protocol,
        headers: authorization === undefined ? {} : { authorization },
        tls: {
          ...ca === undefined ? {} : { caCerts: [ca] },
          ...cert === undefined || key === undefined ? {} : { cert, key },
        },
        signal: AbortSignal.any([
          AbortSignal.timeout(LIMIT_MS),
          ...request.signal === undefined ? [] : [request.signal],
        ]),
      });
      if (answer instanceof WebSocketConnection) return answer;
      throw statusError({ server, method: "GET", path: request.path }, answer.status, answer.body);
    } catch (cause) {
      if (cause instanceof KubernetesError) throw cause;
      request.signal?.throwIfAborted();
      throw this.#unavailable(cause);
    }
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#old, this.#http?.client]) client?.close();
    this.#old.length = 0;
    this.#http = undefined;
  }

  async #connect(): Promise<{ client: Deno.HttpClient; authorization: string | undefined }> {
    const credentials = await this.cluster.credentials();
    const { cert, key, authorization } = credentials;
    const { ca } = this.cluster;
    if (this.#http?.of.cert !== cert || this.#http?.of.key !== key || this.#http === undefined) {
      // Requests that go on keep the client they began with.
      if (this.#http !== undefined) this.#old.push(this.#http.client);
      const client = Deno.createHttpClient({
        ...ca === undefined ? {} : { caCerts: [ca] },
        ...cert === undefined || key === undefined ? {} : { cert, key },
      });
      this.#http = { client, of: credentials };
    }
    return { client: this.#http.client, authorization };
  }

  #unavailable(cause: unknown): KubernetesError {
    const { server, name } = this.cluster;
    return new KubernetesError(
      "KUBERNETES_UNAVAILABLE",
      `Cannot reach ${name} at ${server} as ${whyUnreachable(cause)}`,
      { fix: "kubectl cluster-info", cause },
    );
  }
}

function pathOf({ path, query = {} }: ApiRequest): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === "string" ? [value] : value) params.append(name, one);
  }
  return params.size === 0 ? path : `${path}?${params}`;
}
