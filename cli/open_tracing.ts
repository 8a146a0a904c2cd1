import type { Redactor } from "../engine/context/mod.ts";
import type { NodeTracing } from "../engine/nodes/mod.ts";
import type { Tracing } from "../engine/observability/mod.ts";
import type { Workflow } from "../engine/workflow/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** Traces of the runs of one workflow. */
export interface OpenTracing {
  readonly tracing: Tracing;
  ofNodes(redactor: Pick<Redactor, "text">): NodeTracing;
  observe(workflow: Workflow): void;
}

/** What it takes to trace runs, where the environment asks for it; nothing is loaded where it does not. */
export async function openTracing(
  env: Io["env"],
  onWarning: (message: string) => void,
): Promise<OpenTracing | undefined> {
  if (env("OTEL_DENO") !== "true") return undefined;
  const observability = await import("../engine/observability/mod.ts");
  const tracing = await observability.openTracing({ env, onWarning });
  return tracing && {
    tracing,
    ofNodes: (redactor) => observability.nodeTracing(tracing, redactor),
    observe: (workflow) => void observability.observe(workflow, { tracing }),
  };
}
