import { z } from "zod";

/** Any JSON. */
export const json = z.unknown().meta({ description: "Any JSON" });

/** Epoch milliseconds. */
export const moment = z.int().meta({ description: "Epoch milliseconds" });

/** Where a run stands. */
export const runStatus = z.enum([
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
]).meta({ id: "RunStatus" });

/** Where a node stands. */
export const nodeStatus = z.enum([
  "pending",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
]).meta({ id: "NodeStatus" });

/** Why something did not succeed. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string().nullable().meta({ description: "What to do about it" }),
  exitCode: z.int().nullable().meta({ description: "Of the program that failed" }),
}).meta({ id: "Problem" });

/** One line of a list of runs. */
export const runSummary = z.object({
  runId: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: runStatus,
  trigger: json,
  createdAt: moment,
  startedAt: moment.nullable().meta({ description: "null while it waits for its turn" }),
  completedAt: moment.nullable().meta({ description: "null while it is not over" }),
  durationMs: z.number().meta({ description: "So far, while it runs" }),
  error: z.string().nullable().meta({ description: "`CODE: message` when it did not succeed" }),
}).meta({ id: "RunSummary" });

/** One event of a run. */
export const runEvent = z.looseObject({
  kind: z.string(),
  runId: z.string(),
  seq: z.int(),
  at: moment,
}).meta({ id: "RunEvent", description: "docs/concepts/runs-and-events.md has all kinds" });

/** What every error answers. */
export const apiError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    fix: z.string().nullable(),
    field: z.string().optional().meta({ description: "The part of the request that is meant" }),
    problems: z.array(z.object({ input: z.string(), message: z.string(), fix: z.string() }))
      .optional().meta({ description: "Everything that is wrong with an input" }),
  }),
  runId: z.string().optional(),
}).meta({ id: "Error" });

/** Parameter of a path: the name of a workflow. */
export const workflowName = z.string().min(1).max(200).meta({ description: "Name of a workflow" });

/** Parameter of a path: the id of a run. */
export const runId = z.string().min(1).max(200).meta({ description: "Id of a run" });
