import type { Redactor } from "../context/mod.ts";
import type { NodeCall } from "../executor/mod.ts";
import type { NodeTracing } from "../nodes/mod.ts";
import { formatTraceHeaders } from "./trace_context.ts";
import type { AttemptPlace, Tracing } from "./tracing.ts";

/** How the nodes of one version of a workflow take part in tracing; their texts pass its redaction. */
export function nodeTracing(tracing: Tracing, redactor: Pick<Redactor, "text">): NodeTracing {
  return {
    headersOf(call) {
      const context = tracing.contextOf(placeOf(call));
      return context === undefined ? undefined : formatTraceHeaders(context);
    },
    onFetch(call, fetch) {
      const { service, method, url, error } = fetch;
      tracing.fetched(placeOf(call), {
        ...fetch,
        service: redactor.text(service),
        method: redactor.text(method),
        url: redactor.text(url),
        ...(error === undefined ? {} : { error: redactor.text(error) }),
      });
    },
  };
}

function placeOf({ run, node, attempt }: NodeCall): AttemptPlace {
  return { runId: run.id, node: node.id, attempt };
}
