import type { WorkflowRights } from "./rights.ts";

/** One right that came or went between two builds. */
export interface RightChange {
  readonly change: "added" | "removed";
  /** Whose: a node's id, or the workflow. */
  readonly of: string;
  /** As people read it: `net api.example.com`. */
  readonly right: string;
}

/** Rights as lines: of each node, then of the workflow as a whole. */
export function describeRights(rights: WorkflowRights): string[] {
  return [...flatten(rights).values()].map(({ of, right }) => `${of}: ${right}`);
}

/** What came and what went, removed first; empty when nothing changed. */
export function diffRights(before: WorkflowRights, after: WorkflowRights): RightChange[] {
  const old = flatten(before);
  const now = flatten(after);
  return [
    ...[...old].filter(([key]) => !now.has(key)).map(([, one]): RightChange => ({
      change: "removed",
      ...one,
    })),
    ...[...now].filter(([key]) => !old.has(key)).map(([, one]): RightChange => ({
      change: "added",
      ...one,
    })),
  ];
}

type Right = Omit<RightChange, "change">;

function flatten(rights: WorkflowRights): Map<string, Right> {
  const found = new Map<string, Right>();
  const add = (of: string, right: string): void => void found.set(`${of}\n${right}`, { of, right });
  for (const { id, isolation, net, read, write, secrets } of rights.nodes) {
    if (isolation === "none") add(id, "runs inside the engine");
    for (const host of "any" in net ? ["any host"] : net.hosts) add(id, `net ${host}`);
    for (const path of read) add(id, `read ${path}`);
    for (const path of write) add(id, `write ${path}`);
    for (const name of "any" in secrets ? ["all"] : secrets.names) add(id, `secrets ${name}`);
  }
  for (const host of rights.queueHosts) add("engine", `net ${host}`);
  if (rights.startsHosts) add("engine", "starts node hosts");
  if (rights.needsDriver) add("engine", "runs containers");
  return found;
}
