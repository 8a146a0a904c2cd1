import type { Volume } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { ApiError } from "./api_error.ts";
import { checkArchive } from "../check_archive.ts";
import type { DockerContext } from "./docker_context.ts";
import { HeldLinks } from "./hold_links.ts";
import { renameRoot } from "./rename_root.ts";
import { helperOf, VOLUME_LETTER } from "./volumes.ts";

/** Unpacks an archive into a volume, as it comes. */
export async function copyIn(
  { client }: DockerContext,
  volume: Volume,
  copy: { readonly tar: ReadableStream<Uint8Array>; readonly signal: AbortSignal | undefined },
): Promise<void> {
  // The daemon refuses symlinks to what is above the folder, which any folder may have.
  const held = new HeldLinks();
  const reader = copy.tar.getReader();
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let part; !(part = await reader.read()).done;) yield part.value;
  }
  try {
    await client.ask({
      method: "PUT",
      path: `/containers/${helperOf(volume)}/archive`,
      query: { path: `/${VOLUME_LETTER}` },
      body: held.takeFrom(checkArchive(parts())),
      signal: copy.signal,
    });
    const links = held.below(".");
    const linksFromRoot = held.below(VOLUME_LETTER);
    if (links === undefined || linksFromRoot === undefined) return;
    const put = (path: string, tar: Uint8Array<ArrayBuffer>) =>
      client.ask({
        method: "PUT",
        path: `/containers/${helperOf(volume)}/archive`,
        query: { path },
        body: ReadableStream.from([tar]),
        signal: copy.signal,
      });
    // Podman takes them as they are, and sees no volume from the root. To Docker no target leaves the folder there.
    await put(`/${VOLUME_LETTER}`, links).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      return put("/", linksFromRoot);
    });
  } catch (error) {
    throw gone(volume, error) ?? new DriverError(
      "ARCHIVE_INVALID",
      `Cannot unpack an archive into volume "${volume.name}" as the daemon refuses: ${error}`,
      { cause: error },
    );
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The content of a volume as an archive, as it is read. A stream that is not read to its end must be cancelled. */
export async function copyOut(
  { client }: DockerContext,
  volume: Volume,
  signal?: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  try {
    const { body } = await client.open({
      method: "GET",
      path: `/containers/${helperOf(volume)}/archive`,
      // What is in it: Podman begins the names of a mounted folder's own archive with a slash.
      query: { path: `/${VOLUME_LETTER}/.` },
      signal,
    });
    return ReadableStream.from(renameRoot(body, "."));
  } catch (error) {
    throw gone(volume, error) ?? error;
  }
}

/** What is no fault of the archive; undefined when it may be one. */
function gone(volume: Volume, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  if (error.status !== 404) return undefined;
  return new DriverError(
    "TASK_INVALID",
    `Cannot copy files of volume "${volume.name}" as it is not there any more`,
    { cause: error },
  );
}
