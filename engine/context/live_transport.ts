/** Taken now: a host puts its own function in the place of the global one later. */
const runtimeFetch = globalThis.fetch;

/** A `Transport` to the network by the runtime's own `fetch`, within the rights of the process. */
export function liveTransport(request: Request, _service: string | undefined): Promise<Response> {
  return runtimeFetch(request);
}
