import { z } from "zod";
import type { RunStatus } from "../../executor/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import type { WorkflowSpec } from "../../spec/mod.ts";
import type { FoundRun } from "../../registry/mod.ts";
import { nodeStates, type RunSummary } from "../../workflow/mod.ts";
import type { Shown } from "./api_route.ts";

const instant = z.iso.datetime().nullable().meta({ description: "RFC 3339, in UTC" });

/** A run as a pipeline service has it. */
export const commitRun = z.object({
  id: z.string(),
  repository: z.string(),
  workflow: z.string().meta({ description: "Of the registry: `repo:shop`, `repo:shop:lint`" }),
  commit: z.string(),
  ref: z.string(),
  user: z.string(),
  status: z.enum(["queued", "running", "success", "failed"]),
  created: z.iso.datetime(),
  start: instant,
  end: instant,
  error: z.string().nullable().meta({ description: "`CODE: message` when it did not succeed" }),
}).meta({ id: "CommitRun" });

const job = z.object({
  id: z.string().meta({ description: "`<run>.<node>`" }),
  name: z.string(),
  status: z.enum(["queued", "running", "success", "failed", "cancelled", "skipped"]),
  start: instant,
  end: instant,
  error: z.string().nullable(),
}).meta({ id: "Job" });

/** A run with its jobs. */
export const commitRunDetails = commitRun.extend({
  jobs: z.array(job).meta({ description: "In order of execution" }),
}).meta({ id: "CommitRunDetails" });

/** One line of a list. What no push has started is told by the spec that it began with: `ref` and `user` are empty. */
export function commitRunOf(
  name: string,
  summary: RunSummary,
  { revision = {} }: Pick<WorkflowSpec, "revision"> = {},
): Shown<typeof commitRun> {
  const trigger: JsonObject = {
    ...revision,
    ...isObject(summary.trigger) ? summary.trigger : {},
  };
  const text = (key: string) => typeof trigger[key] === "string" ? trigger[key] : "";
  return {
    id: summary.runId,
    repository: text("repository") || (name.split(":")[1] ?? ""),
    workflow: name,
    commit: text("commit"),
    ref: text("ref"),
    user: text("user"),
    status: shownStatus(summary.status),
    created: new Date(summary.createdAt).toISOString(),
    start: summary.status === "queued" ? null : shownTime(summary.startedAt),
    end: shownTime(summary.completedAt),
    error: summary.error,
  };
}

/** Where each job stands. */
export async function jobsOf({ run }: FoundRun): Promise<Shown<typeof job>[]> {
  const isOver = run.status === "succeeded" || run.status === "failed" ||
    run.status === "cancelled";
  const states = nodeStates(run.dag, await run.eventsSoFar());
  return Object.entries(states).map(([node, { status, startedAt, completedAt, error }]) => ({
    id: `${run.id}.${node}`,
    name: node,
    status: jobStatus(status, isOver),
    start: shownTime(startedAt),
    end: shownTime(completedAt),
    error: status === "succeeded" ? null : error,
  }));
}

/** As a pipeline service names them. */
export function shownStatus(status: RunStatus): Shown<typeof commitRun>["status"] {
  switch (status) {
    case "queued":
      return "queued";
    case "succeeded":
      return "success";
    case "failed":
    case "cancelled":
      return "failed";
    default:
      return "running";
  }
}

function jobStatus(status: string, isOver: boolean): Shown<typeof job>["status"] {
  switch (status) {
    case "succeeded":
      return "success";
    case "pending":
      return isOver ? "skipped" : "queued";
    case "running":
      return isOver ? "cancelled" : "running";
    default:
      return status as "failed" | "cancelled" | "skipped";
  }
}

function shownTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
