import type { FetchRecord } from "../context/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { TraceContext } from "./trace_context.ts";

/** Which attempt something belongs to. */
export interface AttemptPlace {
  readonly runId: string;
  readonly node: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What is known of a run whose first events another engine has seen. */
export interface RunDescription {
  readonly workflow: string;
  readonly version: string;
  readonly trigger: JsonValue;
}

/**
 * Makes spans of what happens: run, node, attempt, fetch. A projection of the events; there is none while
 * tracing is off. Disposing it ends what is open.
 */
export interface Tracing extends Disposable {
  /** Takes one redacted event. */
  event(event: RunEvent): void;
  /** Where to ask about a run that was taken up again. */
  describeBy(describe: (runId: string) => RunDescription | undefined): void;
  /** What an attempt hands on to the services that it calls. */
  contextOf(place: AttemptPlace): TraceContext | undefined;
  /** Takes a request of an attempt that is not over. Its texts have passed redaction. */
  fetched(place: AttemptPlace, fetch: FetchRecord): void;
  /** For log lines. */
  traceIdOf(runId: string): string | undefined;
}
