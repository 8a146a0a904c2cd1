import type { FetchRecord, HttpCall, HttpExchange, Secrets, TraceHeaders } from "../context/mod.ts";
import type { ErrorRecord, LogLine } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";

/** Payload of `INIT`: all that a host must know before its first call. */
export interface HostInit {
  readonly workflow: string;
  readonly version: string;
  /** `file:` URL of the workflow folder with a trailing slash; taken off the paths in stacks. */
  readonly folderUrl: string;
  readonly nodes: readonly HostNode[];
  readonly services: { readonly [name: string]: { readonly url: string } };
  /** Already limited to what the nodes of this host may have. */
  readonly secrets: Secrets;
  readonly maxOutputBytes: number;
  readonly http: "live" | "record" | "answer";
}

/** One node of a host. */
export interface HostNode {
  readonly id: string;
  readonly url: string;
  readonly config: JsonObject;
}

/** Payload of `CALL`. */
export interface HostCall {
  readonly node: string;
  readonly attempt: number;
  readonly run: { readonly id: string; readonly trigger: JsonValue };
  readonly input: JsonValue;
  /** Only in tests of single nodes: in place of what `INIT` said. */
  readonly config?: JsonObject;
  readonly secrets?: Secrets;
  /** What its requests carry; each of them is told by `FETCHED` then. */
  readonly trace?: TraceHeaders;
}

/** Payload of `READY`: the nodes whose module cannot be used. */
export type HostReady = readonly { readonly node: string; readonly failure: HostFailure }[];

/** Payload of `FAILED`: an error, and what its type says about another attempt. */
export interface HostFailure {
  readonly error: ErrorRecord;
  readonly retry: "policy" | "never" | { readonly after: number | string };
}

/** Payload of `LOG`. */
export type HostLog = LogLine;

/** Payload of `FETCH`, answered by `ANSWER` with the same `request` number. */
export interface HostFetch {
  readonly request: number;
  readonly call: HttpCall;
}

/** Payload of `ASK`: what a call wants of its engine. Told by `TELL` meanwhile, answered by one `ANSWER`. */
export interface HostAsk {
  /** As those of `FETCH`: unique among what the host waits for. */
  readonly request: number;
  readonly method: string;
  readonly params: JsonValue;
}

/** Payload of `UNASK`: the answer is not wanted any more, and comes all the same. */
export interface HostUnask {
  readonly request: number;
}

/** Payload of `TELL`. */
export interface HostTold {
  readonly request: number;
  readonly value: JsonValue;
}

/** Payload of `ANSWER`, to a `FETCH` by `HttpAnswer`. */
export type HostAnswer<T = JsonValue> =
  | { readonly request: number; readonly value: T }
  | { readonly request: number; readonly error: ErrorRecord };

/** Payload of `EXCHANGE`. */
export type HostExchange = HttpExchange;

/** Payload of `FETCHED`. */
export type HostFetched = FetchRecord;

/** The abort reasons that a host can tell its node. */
export type AbortKind = "timeout" | "cancelled";
