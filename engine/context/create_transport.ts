import { toExchange, toHttpCall, toResponse } from "./exchange.ts";
import { liveTransport } from "./live_transport.ts";
import type { HttpMode, Transport } from "./transport.ts";

/** The transport of node `nodeId` under `mode`. `live` is what `record` sends with. */
export function createTransport(
  mode: HttpMode,
  nodeId: string,
  live: Transport = liveTransport,
): Transport {
  switch (mode.kind) {
    case "live":
      return live;
    case "record":
      return async (request, service) => {
        const call = await toHttpCall(request.clone(), service);
        const response = await live(request, service);
        await mode.save(await toExchange(call, response.clone()), nodeId);
        return response;
      };
    case "answer":
      return async (request, service) => {
        const call = await toHttpCall(request, service);
        const answer = await orAborted(mode.answer(call, nodeId), request.signal);
        return toResponse(answer, request.url);
      };
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
