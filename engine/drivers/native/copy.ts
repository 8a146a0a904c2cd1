type Workspace = typeof import("../../workspace/mod.ts");

/** Unpacks a tar stream into the folder of a volume. */
export async function copyIn(
  dir: string,
  tar: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { unpackTree } = await loadWorkspace();
  await unpackTree(dir, tar, { signal });
}

/** The folder of a volume as a tar stream. */
export async function copyOut(
  dir: string,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const { packTree } = await loadWorkspace();
  signal?.throwIfAborted();
  return packTree(dir, { signal });
}

/** Loaded with the first archive: most steps need none. */
async function loadWorkspace(): Promise<Workspace> {
  return await import(new URL("../../workspace/mod.ts", import.meta.url).href);
}
