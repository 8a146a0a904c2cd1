import { toMermaid } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { RenderMetrics } from "../observability/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { errorResponse } from "./error_response.ts";
import { jsonResponse, SECURITY_HEADERS } from "./json_response.ts";
import { readFlag } from "./query.ts";

/** `GET /health`: the process is alive, which is all that it says. `?detail=1` adds figures. */
export function showHealth(
  workflow: Workflow,
  request: Request,
  { upMs }: { readonly upMs: number },
): Response {
  const query = new URL(request.url).searchParams;
  if (!readFlag(query, "detail", false)) return jsonResponse(200, { status: "ok" });
  const { spec, version: generation } = workflow.current;
  const { reloadError, ...stats } = workflow.stats();
  return jsonResponse(200, {
    status: "ok",
    workflow: { name: spec.name, version: spec.version, generation },
    upMs,
    draining: workflow.draining,
    ...stats,
    reloadError: reloadError ?? null,
    memory: { residentBytes: Deno.memoryUsage().rss, heapBytes: Deno.memoryUsage().heapUsed },
  });
}

/** `GET /ready`: whether new runs are welcome. */
export function showReady(workflow: Workflow): Response {
  if (!workflow.draining) return jsonResponse(200, { status: "ready" });
  return errorResponse(
    new CodedError(
      "DRAINING",
      `Cannot take runs of "${workflow.current.spec.name}" as usual: the engine is shutting down`,
      { fix: "Send them to another replica" },
    ),
  );
}

/** `GET /metrics`. */
export async function showMetrics(render: RenderMetrics): Promise<Response> {
  const { contentType, text } = await render();
  return new Response(text, { headers: { ...SECURITY_HEADERS, "content-type": contentType } });
}

/** `GET /workflow`: what is served, as it is now. */
export function showWorkflow(workflow: Workflow): Response {
  const { spec, dag, diagnostics, version: generation } = workflow.current;
  return jsonResponse(
    200,
    workflow.redact({
      name: spec.name,
      version: spec.version,
      description: spec.description ?? null,
      generation,
      stages: dag.stages.map((stage) => stage.map((index) => dag.nodes[index]?.id ?? "")),
      mermaid: toMermaid(dag),
      warnings: diagnostics.map(({ code, message, fix, line, column }) => ({
        code,
        message,
        fix,
        line,
        column,
      })),
      // Durations in milliseconds, defaults filled in. Undefined members fall out.
      spec: JSON.parse(JSON.stringify(spec)),
    }),
  );
}
