import type { Volume, VolumeRequest } from "../driver.ts";
import { isConflict, isNotFound } from "./api_error.ts";
import type { DockerContext } from "./docker_context.ts";
import { labelsOf } from "./labels.ts";
import { nameOf } from "../names.ts";
import { removeContainer } from "./remove_container.ts";
import { tarOf } from "./tar_of.ts";

/** Where the helper of a volume has it; `copyOut` counts on one letter. */
export const VOLUME_LETTER = "v";
/**
 * The image of helpers: one folder, that every user may write into. The daemon gives a new volume the mode of
 * the folder it is first mounted on. Its registry is this machine, so that nobody else can publish it.
 */
const HELPER_IMAGE = "localhost/pipedreamer/volume:1";

/**
 * Makes a named volume, and a container beside it that never starts: files go in and out of a volume through
 * one. Both exist once, however often this is asked.
 */
export async function createVolume(
  context: DockerContext,
  { runId, name }: VolumeRequest,
): Promise<Volume> {
  const { client, owner, machine } = context;
  const id = await nameOf(name, [owner.id, runId, "volume", name]);
  const labels = labelsOf(owner, { machine, runId });
  await client.ask({
    method: "POST",
    path: "/volumes/create",
    json: { Name: id, Driver: "local", Labels: labels },
  });
  async function createHelper(): Promise<void> {
    await client.ask({
      method: "POST",
      path: "/containers/create",
      query: { name: helperOf({ id }) },
      json: {
        Image: HELPER_IMAGE,
        Cmd: ["-"],
        Labels: labels,
        NetworkDisabled: true,
        HostConfig: {
          NetworkMode: "none",
          LogConfig: { Type: "none" },
          Mounts: [{ Type: "volume", Source: id, Target: `/${VOLUME_LETTER}` }],
        },
      },
    }).catch((error) => {
      if (!isConflict(error)) throw error;
    });
  }
  try {
    await createHelper();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await importHelperImage(context);
    await createHelper();
  }
  return { id, runId, name };
}

/** Removes a volume and its helper. No container may use it any more. */
export async function removeVolume({ client }: DockerContext, volume: Volume): Promise<void> {
  await removeContainer(client, helperOf(volume));
  await deleteVolume(client, volume.id);
}

/** Deletes a volume by its name; one that is gone already is no error. */
export async function deleteVolume(client: DockerContext["client"], id: string): Promise<void> {
  try {
    await client.ask({ method: "DELETE", path: `/volumes/${id}`, query: { force: "true" } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The container that files go in and out of a volume through. */
export function helperOf({ id }: Pick<Volume, "id">): string {
  return `${id}-files`;
}

async function importHelperImage({ client }: DockerContext): Promise<void> {
  const tar = tarOf([{ path: `${VOLUME_LETTER}/`, mode: 0o777 }]);
  await client.ask({
    method: "POST",
    path: "/images/create",
    // Podman does not read `tag`.
    query: { fromSrc: "-", repo: HELPER_IMAGE },
    body: ReadableStream.from([tar]),
  });
}
