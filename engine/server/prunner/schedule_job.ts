import { mayDo } from "../../auth/mod.ts";
import { CodedError, PdError } from "../../errors/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { QueueFullError } from "../../queue/mod.ts";
import type { ServiceCall } from "../service/mod.ts";
import { PrunnerError } from "./answer_error.ts";

/** What is to be started. */
interface Wish {
  readonly pipeline: string;
  readonly variables: JsonObject;
  readonly queuePartition: string | undefined;
}

/** Codes of refusals that are the caller's to mend; others keep their own status. */
const CALLERS: ReadonlySet<string> = new Set([
  "QUEUE_FULL",
  "INPUT_INVALID",
  "SECRET_MISSING",
  "BAD_REQUEST",
]);

/**
 * Starts a job as a request asks, whatever its content type says; the run's id.
 *
 * @throws {PrunnerError} 400 in prunner's words
 * @throws {PdError} `DRAINING`, `STORAGE_UNAVAILABLE`
 */
export async function scheduleJob(
  registry: Registry,
  text: string,
  { principal }: ServiceCall,
): Promise<string> {
  const { pipeline, variables, queuePartition } = readWish(text);
  const entry = mayDo(principal, "run", pipeline) ? registry.get(pipeline) : undefined;
  if (registry.isDraining) {
    throw new CodedError("DRAINING", "Cannot start a job: the server is shutting down");
  }
  if (entry === undefined) throw refused(`pipeline ${JSON.stringify(pipeline)} is not defined`);
  try {
    const run = await entry.workflow.start(variables, {
      trigger: { type: "api", user: principal.subject },
      ...queuePartition === undefined ? {} : { partition: queuePartition },
    });
    return run.id;
  } catch (error) {
    if (!(error instanceof PdError) || !CALLERS.has(error.code)) throw error;
    if (!(error instanceof QueueFullError)) throw refused(error.message);
    const isDisabled = entry.workflow.current.spec.config.queue.limit === 0;
    throw refused(
      `concurrency exceeded and ${
        isDisabled ? "queueing disabled" : "queue limit reached"
      } for pipeline`,
    );
  }
}

function refused(why: string): PrunnerError {
  return new PrunnerError(400, `Error scheduling pipeline: ${why}`);
}

function readWish(text: string): Wish {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new PrunnerError(400, `Error decoding JSON: ${(error as Error).message}`);
  }
  const wish = asObject(body, "the body");
  const { pipeline, variables, queuePartition } = wish;
  return {
    pipeline: asText(pipeline, "pipeline") ?? "",
    variables: asObject(variables, "variables") as JsonObject,
    // prunner counts an empty one as none.
    queuePartition: asText(queuePartition, "queuePartition") || undefined,
  };
}

function asText(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new PrunnerError(400, `Error decoding JSON: ${name} must be a string`);
}

function asObject(value: unknown, name: string): { readonly [key: string]: unknown } {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return { ...value };
  throw new PrunnerError(400, `Error decoding JSON: ${name} must be an object`);
}
