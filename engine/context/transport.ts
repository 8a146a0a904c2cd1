/**
 * Carries one HTTP request of a node. `live` is the runtime's own `fetch`; tests and replays answer
 * from files. `service` is the name given to `ctx.fetch`, or `undefined` for a bare `fetch()`.
 */
export type Transport = (request: Request, service: string | undefined) => Promise<Response>;

/** One HTTP exchange as it is recorded, replayed and mocked. Never holds a credential. */
export interface HttpExchange {
  readonly service: string | undefined;
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly requestBody: HttpBody | undefined;
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: HttpBody;
}

/** A body as text where it is valid UTF-8, else as base64. */
export type HttpBody = { readonly text: string } | { readonly base64: string };

/** The half of an exchange that a node asks with. */
export type HttpCall = Pick<HttpExchange, "service" | "method" | "url" | "requestBody">;

/** The half that answers. */
export type HttpAnswer = Pick<HttpExchange, "status" | "headers" | "body">;

/**
 * Where the requests of a workflow's nodes go.
 * - `live`: to the network, within each node's `permissions.net`.
 * - `record`: the same, and each finished exchange is handed to `save`.
 * - `answer`: never to the network; `answer` resolves each, or rejects with a `PdError`.
 */
export type HttpMode =
  | { readonly kind: "live" }
  | { readonly kind: "record"; save(exchange: HttpExchange, node: string): Promise<void> }
  | { readonly kind: "answer"; answer(call: HttpCall, node: string): Promise<HttpAnswer> };
