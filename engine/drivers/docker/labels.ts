import type { Owner } from "../../storage/mod.ts";

/** What everything of ours carries: whose it is, and for which run. */
export interface Labels {
  readonly [name: string]: string;
}

const OWNER = "pipedreamer.owner";
const HOST = "pipedreamer.host";
const PID = "pipedreamer.pid";
const STARTED = "pipedreamer.started";
const RUN = "pipedreamer.run";
const TASK = "pipedreamer.task";

/** The labels of what a process makes for a run; `machine` is where that process lives. */
export function labelsOf(
  owner: Owner,
  made: { readonly machine: string; readonly runId: string; readonly task?: string },
): Labels {
  return {
    [OWNER]: owner.id,
    [HOST]: made.machine,
    [PID]: `${owner.pid}`,
    [STARTED]: `${owner.startedAt}`,
    [RUN]: made.runId,
    ...made.task === undefined ? {} : { [TASK]: made.task },
  };
}

/** Finds what an owner made for a run. */
export function ofRun(owner: Owner, runId: string): string {
  return JSON.stringify({ label: [`${OWNER}=${owner.id}`, `${RUN}=${runId}`] });
}

/** Whether an owner made it for a run: Podman finds volumes that carry one of several labels. */
export function isOfRun(labels: Labels | null, owner: Owner, runId: string): boolean {
  return labels?.[OWNER] === owner.id && labels[RUN] === runId;
}

/** Finds what any process of a machine made. */
export function ofMachine(machine: string): string {
  return JSON.stringify({ label: [`${HOST}=${machine}`] });
}

/** Who made it; undefined when the labels do not tell. */
export function ownerOf(labels: Labels | null | undefined): Owner | undefined {
  const { [OWNER]: id, [HOST]: host, [PID]: pid, [STARTED]: startedAt } = labels ?? {};
  if (id === undefined || host === undefined || pid === undefined || startedAt === undefined) {
    return undefined;
  }
  return { id, host, pid: Number(pid), startedAt: Number(startedAt) };
}
