import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Context } from "./context.ts";

/**
 * Asks the engine for something that the node itself may not do: `process.run`, `runtime.run` … `onTell` takes
 * what comes before the answer. An abort of `signal` ends what was asked for, and rejects with its reason once
 * that is gone; so does the end of the call.
 *
 * @throws {PdError} `ASK_REFUSED`, and as the method says
 */
export type AskEngine = (
  method: string,
  params: JsonValue,
  options?: {
    readonly signal?: AbortSignal | undefined;
    onTell?(value: JsonValue): void;
  },
) => Promise<JsonValue>;

const ASKS = new WeakMap<Context, AskEngine>();

/** The way from a node to its engine: for the globals of pipelines. It is no member of `ctx`. */
export function askOf(ctx: Context): AskEngine {
  return ASKS.get(ctx) ?? noEngine;
}

/** Remembers how a context asks. */
export function setAsk(ctx: Context, ask: AskEngine): void {
  ASKS.set(ctx, ask);
}

/** The way of a context that has no engine behind it. */
export function noEngine(method: string): Promise<never> {
  return Promise.reject(
    new CodedError(
      "NOT_AVAILABLE",
      `Cannot call "${method}" as it needs an engine that runs containers: there is none here`,
      { fix: "Run the node by pd run" },
    ),
  );
}
