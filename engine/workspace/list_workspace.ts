import type { WorkspaceSource } from "./workspace_source.ts";
import { type WalkedEntry, walkTree } from "./walk_tree.ts";

/** Everything that `packWorkspace` would pack, by the same rules, without its content. */
export async function* listWorkspace(source: WorkspaceSource): AsyncGenerator<WalkedEntry> {
  // Drivers pack trees without it.
  const { workspaceFilter }: typeof import("./workspace_filter.ts") = await import(
    new URL("./workspace_filter.ts", import.meta.url).href
  );
  yield* walkTree(source.dir, await workspaceFilter(source));
}
