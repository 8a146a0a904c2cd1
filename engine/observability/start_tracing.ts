import type { Tracer, TracerProvider } from "@opentelemetry/api";
import { RunTracing } from "./run_tracing.ts";
import type { Tracing } from "./tracing.ts";

/**
 * Makes spans by the runtime's own provider. It is asked for directly: with `OTEL_DENO_TRACING=false`, which
 * switches the runtime's unredacted spans off, it is not registered with the API, and works all the same.
 */
export function startTracing(
  { followsParent, onWarning }: {
    readonly followsParent: boolean;
    onWarning(message: string): void;
  },
): Tracing | undefined {
  try {
    const provider: TracerProvider = Deno.telemetry.tracerProvider;
    const tracer: Tracer = provider.getTracer("pipedreamer");
    // Throws when the runtime was started without telemetry. A span that does not end is not sent.
    tracer.startSpan("start");
    return new RunTracing({ tracer, followsParent });
  } catch (error) {
    onWarning(
      `traces are not sent, as the runtime has no telemetry: ${
        error instanceof Error ? error.message : error
      }`,
    );
    return undefined;
  }
}
