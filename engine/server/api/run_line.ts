import type { RegisteredWorkflow } from "../../registry/mod.ts";
import type { RunSummary } from "../../workflow/mod.ts";
import type { Shown } from "./api_route.ts";
import type { runSummary } from "./schemas.ts";

/** A run as a line of a list, under the name that its workflow has here. */
export function runLine(
  { name }: Pick<RegisteredWorkflow, "name">,
  summary: RunSummary,
): Shown<typeof runSummary> {
  const { startedAt, status } = summary;
  return { ...summary, workflow: name, startedAt: status === "queued" ? null : startedAt };
}
