import type { Owner } from "../../storage/mod.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";

/** The parts of an object that say whose it is. */
export interface Marks {
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
}

const MANAGED = { "app.kubernetes.io/managed-by": "pipedreamer" };
const OWNER = "pipedreamer.io/owner";
const HOST = "pipedreamer.io/host";
const PID = "pipedreamer.io/pid";
const STARTED = "pipedreamer.io/started";
const RUN = "pipedreamer.io/run";
const TASK = "pipedreamer.io/task";
const EXPIRES = "pipedreamer.io/expires";

/** Labels to find something by, and annotations with the same in full. */
export async function marksOf(
  { owner, machine, settings, clock }: KubernetesContext,
  made: { readonly runId: string; readonly task?: string },
): Promise<Required<Marks>> {
  const expires = clock.now() + settings.lifetimeHours * 3_600_000;
  return {
    labels: {
      ...MANAGED,
      [OWNER]: await labelValue(owner.id),
      [RUN]: await labelValue(made.runId),
      ...made.task === undefined ? {} : { [TASK]: await labelValue(made.task) },
    },
    annotations: {
      [OWNER]: owner.id,
      [HOST]: machine,
      [PID]: `${owner.pid}`,
      [STARTED]: `${owner.startedAt}`,
      [RUN]: made.runId,
      ...made.task === undefined ? {} : { [TASK]: made.task },
      [EXPIRES]: new Date(expires).toISOString(),
    },
  };
}

/** Finds what an owner made for a run. */
export async function ofRun(owner: Owner, runId: string): Promise<string> {
  return `${OWNER}=${await labelValue(owner.id)},${RUN}=${await labelValue(runId)}`;
}

/** The label that all pods of a run have. */
export async function runLabel(runId: string): Promise<{ readonly [name: string]: string }> {
  return { [RUN]: await labelValue(runId) };
}

/** Finds what any engine made. */
export const OF_ALL = `app.kubernetes.io/managed-by=pipedreamer,${OWNER},${RUN}`;

/** Who made it, and when anybody may remove it; undefined when it does not tell. */
export function originOf(
  { annotations = {} }: Marks,
): { readonly owner: Owner; readonly expiresAt: number } | undefined {
  const { [OWNER]: id, [HOST]: host, [PID]: pid, [STARTED]: startedAt } = annotations;
  const expiresAt = Date.parse(annotations[EXPIRES] ?? "");
  if (id === undefined || host === undefined || Number.isNaN(expiresAt)) return undefined;
  return { owner: { id, host, pid: Number(pid), startedAt: Number(startedAt) }, expiresAt };
}

/** A label takes few letters, and 63 of them. */
async function labelValue(text: string): Promise<string> {
  if (/^[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/.test(text)) return text;
  const bytes = new TextEncoder().encode(text);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 32);
  return `h-${hash}`;
}
