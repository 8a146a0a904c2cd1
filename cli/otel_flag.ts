// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";
import type { Io } from "./terminal/mod.ts";
import { UsageError } from "./usage_error.ts";

/** `--otel`, of every command that runs something. The launcher acts on it before anything of this is loaded. */
export function otelOption(): Option<"--otel"> {
  return new Option(
    "--otel",
    "send traces by OpenTelemetry to OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318 by default",
  );
}

/**
 * Checks that `--otel` has an effect: the launcher has told the runtime, which cannot be told later.
 *
 * @throws {UsageError}
 */
export function checkOtel(
  isAsked: boolean | undefined,
  { env, command }: { readonly env: Io["env"]; readonly command: string },
): void {
  if (isAsked !== true || env("OTEL_DENO") === "true") return;
  throw new UsageError(
    'Cannot use --otel as the runtime runs without telemetry: only the launcher "pd" starts it with',
    `OTEL_DENO=true OTEL_DENO_TRACING=false OTEL_DENO_CONSOLE=ignore ${command}`,
  );
}
