import type { CollectedFile, TaskFile, TaskSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { ApiError, isNotFound } from "./api_error.ts";
import type { ApiClient } from "./client.ts";
import { FILES_FOLDER } from "./files_folder.ts";
import { tarOf } from "./tar_of.ts";
import { TarWalker } from "../tar_walker.ts";

/**
 * The variables that tell a program where its own files are.
 *
 * @throws {DriverError} `TASK_INVALID` for a file that would not be one of its folder
 */
export function variablesOf(files: TaskSpec["files"] = []): { [name: string]: string } {
  for (const { name } of files) {
    if (/^[\w.-]{1,64}$/.test(name) && name !== "." && name !== "..") continue;
    throw new DriverError("TASK_INVALID", `Cannot make the file "${name}" as it is no plain name`);
  }
  return Object.fromEntries(
    files.map(({ variable, name }) => [variable, `/${FILES_FOLDER}/${name}`]),
  );
}

/** Puts a task's own files into its container, before it starts. */
export async function putFiles(
  client: ApiClient,
  id: string,
  files: readonly TaskFile[],
): Promise<void> {
  const tar = tarOf([
    { path: `${FILES_FOLDER}/`, mode: 0o777 },
    ...files.filter(({ content }) => content !== undefined).map(({ name, content }) => ({
      path: `${FILES_FOLDER}/${name}`,
      mode: 0o644,
      content,
    })),
  ]);
  await client.ask({
    method: "PUT",
    path: `/containers/${id}/archive`,
    query: { path: "/" },
    body: ReadableStream.from([tar]),
  });
}

/** What a program left in those of its files that are to come back; undefined when none is. */
export async function collectFiles(
  client: ApiClient,
  id: string,
  files: readonly TaskFile[],
): Promise<{ readonly [name: string]: CollectedFile } | undefined> {
  const wanted = files.filter(({ collectBytes }) => collectBytes !== undefined);
  if (wanted.length === 0) return undefined;
  const found = await Promise.all(wanted.map(async ({ name, collectBytes = 0 }) => {
    const file = await collect(client, { id, name, collectBytes });
    return file === undefined ? [] : [[name, file] as const];
  }));
  return Object.fromEntries(found.flat());
}

async function collect(
  client: ApiClient,
  { id, name, collectBytes }: { id: string; name: string; collectBytes: number },
): Promise<CollectedFile | undefined> {
  try {
    const { body } = await client.open({
      method: "GET",
      path: `/containers/${id}/archive`,
      query: { path: `/${FILES_FOLDER}/${name}` },
    });
    return await firstFile(body, { name, maxBytes: collectBytes });
  } catch (error) {
    if (isNotFound(error) || error instanceof ApiError && error.status === 400) return undefined;
    throw error;
  }
}

/** The first entry of an archive when it is that file: at most so much of it. */
async function firstFile(
  tar: AsyncGenerator<Uint8Array>,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): Promise<CollectedFile | undefined> {
  let sizeBytes: number | undefined;
  let isOther = false;
  let headBytes = 0;
  const walker = new TarWalker(({ path, type, sizeBytes: size, headBytes: length }) => {
    isOther ||= type !== "0" || path !== name;
    sizeBytes ??= size;
    headBytes ||= length;
  });
  const parts: Uint8Array[] = [];
  let have = 0;
  for await (const chunk of tar) {
    const ready = walker.push(chunk);
    parts.push(ready.slice());
    have += ready.length;
    if (isOther) return undefined;
    if (sizeBytes !== undefined && have >= headBytes + Math.min(sizeBytes, maxBytes)) break;
  }
  if (sizeBytes === undefined) return undefined;
  const whole = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  const bytes = whole.slice(headBytes, headBytes + Math.min(sizeBytes, maxBytes));
  return { bytes, isTruncated: sizeBytes > maxBytes };
}
