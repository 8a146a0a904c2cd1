import assert from "node:assert/strict";
import { openTracing } from "./open_tracing.ts";

const ENVIRONMENTS: readonly {
  readonly name: string;
  readonly env: { readonly [name: string]: string };
  readonly warning: RegExp | undefined;
}[] = [
  { name: "nothing asks for it", env: {}, warning: undefined },
  {
    name: "the SDK is disabled",
    env: { OTEL_DENO: "true", OTEL_SDK_DISABLED: "true" },
    warning: undefined,
  },
  {
    name: "no exporter of traces is wanted",
    env: { OTEL_DENO: "true", OTEL_TRACES_EXPORTER: "none" },
    warning: undefined,
  },
  {
    name: "only an endpoint is set",
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" },
    warning: /OTEL_DENO is not true: start with OTEL_DENO=true OTEL_DENO_TRACING=false/,
  },
];

for (const { name, env, warning } of ENVIRONMENTS) {
  Deno.test(`tracing is off, and nothing of it is loaded, when ${name}`, async () => {
    const warnings: string[] = [];
    const tracing = await openTracing({
      env: (name) => env[name],
      onWarning: (message) => warnings.push(message),
    });
    assert.equal(tracing, undefined);
    assert.equal(warnings.length, warning === undefined ? 0 : 1);
    if (warning !== undefined) assert.match(warnings.join(), warning);
  });
}
