import { packTree, unpackTree } from "../../workspace/mod.ts";

/** Unpacks a tar stream into the folder of a volume. */
export async function copyIn(
  dir: string,
  tar: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await unpackTree(dir, tar, { signal });
}

/** The folder of a volume as a tar stream. */
export function copyOut(
  dir: string,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  signal?.throwIfAborted();
  return Promise.resolve(packTree(dir, { signal }));
}
