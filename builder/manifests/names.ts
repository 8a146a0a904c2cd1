import { CodedError } from "../../engine/errors/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import type { Labels } from "./manifest.ts";

/** Who made an object, as its labels say. */
export const MANAGER = "pipedreamer";
const NAME = "app.kubernetes.io/name";
const MANAGED_BY = "app.kubernetes.io/managed-by";
const PART_OF = "app.kubernetes.io/part-of";
const COMPONENT = "app.kubernetes.io/component";
const VERSION = "app.kubernetes.io/version";

/** Label values, and names of Services, have at most so many characters. */
const LONGEST_NAME = 63;
/** A CronJob's name is followed by eleven characters in the names of its Jobs. */
const LONGEST_CRON_NAME = 52;

/** The pods of one workflow by what they do. */
export type Component = "engine" | "cron";

/** What every object of a workflow carries. */
export function labelsOf(name: string): Labels {
  return { [NAME]: name, [MANAGED_BY]: MANAGER, [PART_OF]: MANAGER };
}

/** Labels of a workflow's pods. */
export function podLabels(name: string, component: Component): Labels {
  return { ...labelsOf(name), [COMPONENT]: component };
}

/** What selects pods. A Deployment's selector can never change: no version or hash may stand in it. */
export function selectorOf(name: string, component: Component): Labels {
  return { [NAME]: name, [MANAGED_BY]: MANAGER, [COMPONENT]: component };
}

/** A version as a label: `+` is not allowed in one, and 63 characters are the most. */
export function versionLabel(version: string): Labels {
  const value = version.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, LONGEST_NAME);
  return { [VERSION]: value.replace(/[^A-Za-z0-9]+$/, "") };
}

/** The Secret of a workflow. */
export function secretName(name: string): string {
  return `${name}-secrets`;
}

/** The CronJobs of a workflow: `{name}-cron`, or `{name}-cron-{i}` when there are several. */
export function cronJobName(name: string, index: number, count: number): string {
  return count === 1 ? `${name}-cron` : `${name}-cron-${index}`;
}

/**
 * Holds names against the limits of the cluster.
 *
 * @throws {CodedError} `MANIFEST_INVALID`, saying how long the name may be
 */
export function checkNames(spec: WorkflowSpec, cronJobs: number): void {
  const last = cronJobs === 0 ? "" : cronJobName("", cronJobs - 1, cronJobs);
  const longest = cronJobs === 0 ? LONGEST_NAME : LONGEST_CRON_NAME - last.length;
  if (spec.name.length <= longest) return;
  const what = cronJobs === 0 ? "a workflow" : `a workflow with CronJobs named "…${last}"`;
  throw new CodedError(
    "MANIFEST_INVALID",
    `Cannot deploy "${spec.name}" as ${what} has at most ${longest} characters in its name: it has ${spec.name.length}`,
    { fix: `workflow.yaml: name: ${spec.name.slice(0, longest).replace(/-+$/, "")}` },
  );
}
