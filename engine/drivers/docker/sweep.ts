import type { Owner } from "../../storage/mod.ts";
import { allDone } from "../all_done.ts";
import type { DockerContext } from "./docker_context.ts";
import { isOfRun, type Labels, ofMachine, ofRun, ownerOf } from "./labels.ts";
import { removeContainer } from "./remove_container.ts";
import { deleteVolume } from "./volumes.ts";

interface FoundContainer {
  readonly Id: string;
  readonly Labels: Labels | null;
}

interface FoundVolumes {
  readonly Volumes:
    | readonly { readonly Name: string; readonly Labels: Labels | null }[]
    | null;
}

/** Removes all containers and volumes that this process made for a run. */
export async function removeRun(context: DockerContext, runId: string): Promise<void> {
  const { client, owner } = context;
  const filters = ofRun(owner, runId);
  const isOurs = ({ Labels }: { readonly Labels: Labels | null }) => isOfRun(Labels, owner, runId);
  const containers = (await listContainers(context, filters)).filter(isOurs);
  await allDone(containers.map(({ Id }) => removeContainer(client, Id)));
  const volumes = (await listVolumes(context, filters)).filter(isOurs);
  await allDone(volumes.map(({ Name }) => deleteVolume(client, Name)));
}

/** Removes what processes of this machine made that do not live any more; how many things those were. */
export async function sweep(context: DockerContext): Promise<number> {
  const { client } = context;
  const filters = ofMachine(context.machine);
  const answers = new Map<string, Promise<boolean>>();
  async function isLeft({ Labels }: { readonly Labels: Labels | null }): Promise<boolean> {
    const owner = ownerOf(Labels);
    if (owner === undefined || owner.id === context.owner.id) return false;
    return !await once(answers, owner, context.isOwnerAlive);
  }
  const [containers, volumes] = await Promise.all([
    listContainers(context, filters),
    listVolumes(context, filters),
  ]);
  let removed = 0;
  const problems: unknown[] = [];
  // What cannot be removed now must not keep the rest from it.
  async function tried(removing: Promise<void>): Promise<void> {
    try {
      await removing;
      removed++;
    } catch (error) {
      problems.push(error);
    }
  }
  for (const container of containers) {
    if (!await isLeft(container)) continue;
    await tried(removeContainer(client, container.Id));
  }
  for (const volume of volumes) {
    if (!await isLeft(volume)) continue;
    await tried(deleteVolume(client, volume.Name));
  }
  if (problems.length > 0) throw problems[0];
  return removed;
}

function once(
  answers: Map<string, Promise<boolean>>,
  owner: Owner,
  isAlive: (owner: Owner) => Promise<boolean>,
): Promise<boolean> {
  const answer = answers.get(owner.id) ?? isAlive(owner);
  answers.set(owner.id, answer);
  return answer;
}

async function listContainers(
  { client }: DockerContext,
  filters: string,
): Promise<readonly FoundContainer[]> {
  return await client.ask<FoundContainer[]>({
    method: "GET",
    path: "/containers/json",
    query: { all: "1", filters },
  });
}

async function listVolumes(
  { client }: DockerContext,
  filters: string,
): Promise<NonNullable<FoundVolumes["Volumes"]>> {
  const { Volumes } = await client.ask<FoundVolumes>({
    method: "GET",
    path: "/volumes",
    query: { filters },
  });
  return Volumes ?? [];
}
