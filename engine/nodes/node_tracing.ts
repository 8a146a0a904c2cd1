import type { FetchRecord, TraceHeaders } from "../context/mod.ts";
import type { NodeCall } from "../executor/mod.ts";

/** Connects the requests of nodes with the trace of their run. There is none while tracing is off. */
export interface NodeTracing {
  /** What the requests of an attempt carry; undefined when its run is not traced. */
  headersOf(call: NodeCall): TraceHeaders | undefined;
  /** Takes a request of an attempt. Its texts are a node's own: they have not passed redaction. */
  onFetch(call: NodeCall, fetch: FetchRecord): void;
}
