import type { LogLine } from "../executor/mod.ts";
import type { Context } from "./context.ts";
import { type ContextOptions, createContext } from "./create_context.ts";
import { liveTransport } from "./live_transport.ts";

/** A context with nothing in it but what `options` says, and the lines that it logs. */
export function testContext(
  options: Partial<ContextOptions> = {},
): { readonly ctx: Context; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const ctx = createContext({
    run: {
      id: "0197-run",
      workflow: "demo",
      version: "1.0",
      node: "fetch",
      attempt: 1,
      trigger: { type: "manual" },
    },
    signal: new AbortController().signal,
    config: {},
    secrets: {},
    services: {},
    transport: liveTransport,
    onLog: (line) => lines.push(line),
    ...options,
  });
  return { ctx, lines };
}
