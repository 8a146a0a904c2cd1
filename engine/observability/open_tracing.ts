import type { Tracing } from "./tracing.ts";

/** What tracing is opened with. */
export interface OpenTracingOptions {
  /** The environment that the process was started with. */
  env(name: string): string | undefined;
  onWarning(message: string): void;
}

/** What the runtime has to be told at its start, as it cannot be told later. */
export const TRACING_ENV = "OTEL_DENO=true OTEL_DENO_TRACING=false OTEL_DENO_CONSOLE=ignore";

/**
 * Opens tracing when the environment asks for it (`OTEL_DENO=true`), with the runtime's own exporter: where
 * to and how is said by the standard variables `OTEL_EXPORTER_OTLP_*`, `OTEL_TRACES_SAMPLER` and
 * `OTEL_SERVICE_NAME`. Nothing is loaded, and `undefined` comes back, when it does not.
 */
export async function openTracing(
  { env, onWarning }: OpenTracingOptions,
): Promise<Tracing | undefined> {
  if (env("OTEL_SDK_DISABLED") === "true" || env("OTEL_TRACES_EXPORTER") === "none") {
    return undefined;
  }
  if (env("OTEL_DENO") !== "true") {
    if (hasEndpoint(env)) {
      onWarning(
        `traces are not sent, as OTEL_DENO is not true: start with ${TRACING_ENV}`,
      );
    }
    return undefined;
  }
  if (env("OTEL_DENO_TRACING") !== "false" || env("OTEL_DENO_CONSOLE") !== "ignore") {
    onWarning(
      "the runtime's own telemetry is on, whose records are not redacted: " +
        `whole addresses of requests, and what is written to the console. Start with ${TRACING_ENV}`,
    );
  }
  const url = new URL("./start_tracing.ts", import.meta.url).href;
  const { startTracing }: typeof import("./start_tracing.ts") = await import(url);
  return startTracing({ followsParent: env("OTEL_TRACES_SAMPLER") === undefined, onWarning });
}

function hasEndpoint(env: (name: string) => string | undefined): boolean {
  return (env("OTEL_EXPORTER_OTLP_ENDPOINT") ?? env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) !==
    undefined;
}
