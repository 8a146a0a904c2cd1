import type { HttpAnswer, HttpMode } from "../context/mod.ts";
import { recordOf } from "../executor/mod.ts";
import type { PooledCall } from "./pooled_call.ts";
import type { HostAnswer, HostExchange, HostFetch } from "./protocol.ts";

/** The answer to a request that a host does not send itself. Never rejects. */
export async function answerFetch(
  asked: HostFetch,
  call: PooledCall | undefined,
  poolHttp: HttpMode,
): Promise<HostAnswer<HttpAnswer>> {
  const http = call?.overrides.http ?? poolHttp;
  const { request } = asked;
  try {
    if (http.kind !== "answer") throw new Error(`no answers in mode "${http.kind}"`);
    return { request, value: await http.answer(asked.call, call?.call.node.id ?? "") };
  } catch (error) {
    return { request, error: recordOf(error) };
  }
}

/**
 * Saves an exchange of a host, if exchanges are recorded at all. The outcome of its call is told
 * after that; what goes wrong is a warning. Never rejects.
 */
export async function saveExchange(
  exchange: HostExchange,
  call: PooledCall | undefined,
  options: { readonly http: HttpMode; onWarning(message: string): void },
): Promise<void> {
  const http = call?.overrides.http ?? options.http;
  if (http.kind !== "record") return;
  try {
    await http.save(exchange, call?.call.node.id ?? "");
  } catch (error) {
    options.onWarning(recordOf(error).message);
  }
}
