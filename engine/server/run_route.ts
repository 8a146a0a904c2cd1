import { CodedError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { traceMembers } from "../observability/mod.ts";
import { type Run, RunGoneError, RunInterruptedError, type Workflow } from "../workflow/mod.ts";
import { errorResponse } from "./error_response.ts";
import { fingerprintOf, KEY_TTL_MS, readIdempotencyKey } from "./idempotency.ts";
import { jsonResponse } from "./json_response.ts";
import { inputOfQuery, readFlag } from "./query.ts";
import { readJsonBody } from "./read_body.ts";
import type { RouteHandler, RouteOptions } from "./route.ts";

const HTTP_TRIGGER: JsonObject = { type: "http" };

/**
 * Makes `POST /run` and `GET /run`: starts a run, and answers with its result, or at once with its id
 * (`?wait=false`). A client that goes away does not cancel its run.
 */
export function createRunRoute(workflow: Workflow, options: RouteOptions): RouteHandler {
  return async (request) => {
    refusePrefetch(request);
    const query = queryOf(request.url);
    const isPost = request.method === "POST";
    const mayWait = query === undefined || readFlag(query, "wait", true);
    if (isPost && query !== undefined) refuseInputInQuery(query);
    const given = isPost
      ? await readJsonBody(request, options.maxBodyBytes)
      : query && inputOfQuery(query, workflow.current.spec.inputs);
    const input = given === undefined ? {} : given;
    const key = readIdempotencyKey(request.headers);
    const idempotency = key === undefined ? undefined : {
      scope: "http",
      key,
      ttlMs: KEY_TTL_MS,
      fingerprint: await fingerprintOf(JSON.stringify(input)),
    };
    try {
      const { run } = await options.limit.accept(input, {
        trigger: triggerOf(request.headers),
        ...idempotency === undefined ? {} : { idempotency },
      });
      return await answer(run, mayWait);
    } catch (error) {
      if (error instanceof RunGoneError && !mayWait) return accepted(error.runId);
      throw error;
    }
  };
}

/** A caller with a trace of its own is remembered: the run is a part of that trace. */
function triggerOf(headers: Headers): JsonObject {
  const trace = traceMembers(headers);
  return trace === undefined ? HTTP_TRIGGER : { ...HTTP_TRIGGER, ...trace };
}

async function answer(run: Run, mayWait: boolean): Promise<Response> {
  if (!mayWait) return accepted(run.id);
  const result = await run.result;
  // This engine has let go of it and another one, or the next start, goes on with it: no result, but no loss.
  if (result.status === "interrupted") {
    return errorResponse(
      new RunInterruptedError(run.id, Object.values(result.errors)[0] ?? "it was left"),
      { location: `/runs/${run.id}` },
    );
  }
  return jsonResponse(result.success ? 200 : 500, result);
}

function accepted(runId: string): Response {
  return jsonResponse(202, { runId }, { location: `/runs/${runId}` });
}

/** Most requests have no query, and parsing a URL costs a microsecond. */
function queryOf(url: string): URLSearchParams | undefined {
  const at = url.indexOf("?");
  return at < 0 ? undefined : new URLSearchParams(url.slice(at + 1));
}

/** A browser that loads a page ahead of need must not start a run by it. */
function refusePrefetch({ headers }: Request): void {
  const purpose = headers.get("sec-purpose") ?? headers.get("purpose") ?? headers.get("x-moz");
  if (purpose === null || !/prefetch|prerender|preview/.test(purpose)) return;
  throw new CodedError(
    "FORBIDDEN_ORIGIN",
    `Cannot start a run as a page loaded ahead of need: the browser says "${purpose}"`,
    { fix: "Open the address yourself, or use POST /run" },
  );
}

function refuseInputInQuery(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (name === "wait") continue;
    throw new CodedError(
      "BAD_REQUEST",
      `Cannot read "${name}" as a query parameter of POST /run: only "wait" is one`,
      { fix: `Put it into the body: {"${name}": …}, or use GET /run?${name}=…` },
    );
  }
}
