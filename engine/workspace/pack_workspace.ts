import { packEntries } from "./pack_tree.ts";
import type { TarEntry } from "./tar_entry.ts";
import { toStream } from "./to_stream.ts";
import type { PackProgress, WorkspaceSource } from "./workspace_source.ts";

/** How a workspace is packed. */
export interface PackWorkspaceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for each entry. Folders count as files, as each is something to make. */
  onProgress?(progress: PackProgress): void;
  /** As of `packTree`. */
  onWarning?(message: string): void;
}

/**
 * What of a folder goes into a run's workspace, as a tar stream; in memory and speed as `packTree`.
 *
 * It honours `.gitignore` as git does (nested ones, negation, those above the folder in its repository), and
 * `.pdignore` files, which count more. `.git`, `.secrets*` and `.env*` are left out at any depth. `source.ignore`
 * leaves more out; `source.include` takes back in what rules leave out, with everything below it but what is
 * private there. Patterns are those of `.gitignore`; where both match, `ignore` wins.
 */
export function packWorkspace(
  source: WorkspaceSource,
  options: PackWorkspaceOptions = {},
): ReadableStream<Uint8Array> {
  return toStream(pack(source, options), options.signal);
}

async function* pack(
  source: WorkspaceSource,
  options: PackWorkspaceOptions,
): AsyncGenerator<Uint8Array> {
  // Drivers pack trees without it.
  const { workspaceFilter }: typeof import("./workspace_filter.ts") = await import(
    new URL("./workspace_filter.ts", import.meta.url).href
  );
  let files = 0;
  let bytes = 0;
  yield* packEntries(source.dir, {
    signal: options.signal,
    enter: await workspaceFilter(source),
    onWarning: options.onWarning?.bind(options),
    onEntry(entry: TarEntry) {
      files++;
      bytes += entry.sizeBytes;
      options.onProgress?.({ files, bytes });
    },
  });
}
