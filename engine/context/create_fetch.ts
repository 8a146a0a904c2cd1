import type { Context } from "./context.ts";
import { liveTransport } from "./live_transport.ts";
import { permissionDenied } from "./permission_denied.ts";
import { rememberRetryAfter } from "./retry_after.ts";
import { send } from "./send.ts";
import { combine } from "./service_fetch.ts";
import type { Transport } from "./transport.ts";

/**
 * A `fetch` to install as `globalThis.fetch`, so that a node's bare calls take the same road as
 * `ctx.fetch`: they are recorded, replayed and mocked, carry the node's abort signal, and are refused in
 * the words of workflow.yaml. No service is named and no token added.
 *
 * `contextOf` finds the node that calls; without one the request goes out as it is.
 */
export function createFetch(
  transport: Transport,
  contextOf: () => Context | undefined,
): typeof globalThis.fetch {
  return async function fetch(
    input: RequestInfo | URL,
    init: RequestInit = {},
  ): Promise<Response> {
    const ctx = contextOf();
    const { url, parts } = input instanceof Request
      ? await fromRequest(input, init)
      : { url: new URL(input), parts: init };
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      // data: and blob: reach no network, and file: is a matter of read permissions.
      return await liveTransport(new Request(url, parts), undefined);
    }
    try {
      const response = await send({
        url,
        init: parts,
        headers: new Headers(parts.headers),
        signal: ctx === undefined ? parts.signal ?? undefined : combine(ctx.signal, parts.signal),
        service: undefined,
        secrets: ctx?.secrets ?? {},
      }, transport);
      if (ctx !== undefined) rememberRetryAfter(ctx, undefined, response);
      return response;
    } catch (error) {
      if (ctx === undefined || !(error instanceof Error)) throw error;
      throw permissionDenied(error, ctx.run.node) ?? error;
    }
  };
}

/** Takes a `Request` apart. Its body is read at once, so that a redirect can send it again. */
async function fromRequest(
  input: Request,
  init: RequestInit,
): Promise<{ url: URL; parts: RequestInit }> {
  const { method, redirect, signal, headers } = input;
  const body = init.body === undefined && input.body !== null ? await input.arrayBuffer() : null;
  return {
    url: new URL(input.url),
    parts: { method, redirect, signal, headers, ...(body === null ? {} : { body }), ...init },
  };
}
