import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { rightsOf } from "../rights.ts";
import { clusterCrons } from "./cron_jobs.ts";

/** What a cluster will do otherwise than `workflow.yaml` reads, a sentence each. */
export function manifestNotes(spec: WorkflowSpec): readonly string[] {
  const crons = clusterCrons(spec);
  const notes: string[] = [];
  const engine = "set config.cron: engine to have the pod keep the schedule";
  if (crons.some(({ jitterMs }) => jitterMs > 0)) {
    notes.push(`CronJobs know no jitter, so runs start on the minute: ${engine}`);
  }
  if (crons.some(({ catchUp }) => catchUp === "all")) {
    notes.push(`CronJobs make up for the last missed run and not for all: ${engine}`);
  }
  if (rightsOf(spec).needsDriver) {
    notes.push(
      "steps in containers need a driver, and the pod has no rights on the cluster to start them",
    );
  }
  return notes;
}
