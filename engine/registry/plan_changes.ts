import type { RegistryProblem, WorkflowOrigin } from "./registry.ts";
import type { FoundWorkflow, SourceLook } from "./registry_source.ts";

/** What is open, as far as a plan needs it. */
export interface OpenPlace {
  readonly id: string;
  readonly name: string;
  readonly origin: WorkflowOrigin;
  readonly stamp: string;
}

/** What has to be done so that what is open is what there is. */
export interface Changes<Open extends OpenPlace> {
  readonly open: readonly FoundWorkflow[];
  readonly reload: readonly { readonly entry: Open; readonly found: FoundWorkflow }[];
  readonly close: readonly Open[];
  /** Names that are taken. */
  readonly problems: readonly RegistryProblem[];
}

/**
 * Compares what the sources have, in their order, with what is open. Of two workflows with one name the first
 * counts; what is broken stays as it was, and keeps its name.
 */
export function planChanges<Open extends OpenPlace>(
  looks: readonly SourceLook[],
  entries: readonly Open[],
): Changes<Open> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const places = new Map<string, WorkflowOrigin>();
  const staying = new Set<Open>();
  const open: FoundWorkflow[] = [];
  const reload: { entry: Open; found: FoundWorkflow }[] = [];
  const problems: RegistryProblem[] = [];
  for (const look of looks) {
    const ids = new Set(look.found.map(({ id }) => id));
    const broken = entries.filter(({ id }) => !ids.has(id) && look.isBroken(id));
    for (const one of [...broken, ...look.found]) {
      const first = places.get(one.name);
      if (first !== undefined) {
        problems.push(nameTaken(one, first));
        continue;
      }
      places.set(one.name, one.origin);
      const entry = byId.get(one.id);
      if (entry === undefined) open.push(one as FoundWorkflow);
      else staying.add(entry);
      if (entry === undefined || entry === one) continue;
      if (entry.stamp !== one.stamp || entry.name !== one.name) {
        reload.push({ entry, found: one as FoundWorkflow });
      }
    }
  }
  return { open, reload, close: entries.filter((entry) => !staying.has(entry)), problems };
}

function nameTaken(
  { name, origin }: Pick<OpenPlace, "name" | "origin">,
  first: WorkflowOrigin,
): RegistryProblem {
  return {
    place: origin.place,
    message:
      `ALREADY_EXISTS Cannot register "${name}" of ${origin.place} as a workflow: the name is that of ${first.place}`,
  };
}
