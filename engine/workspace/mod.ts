/** A run's workspace: folders as archives, what goes in, and where archives are kept between runs. */
export type { CacheStore } from "./cache_store.ts";
export { listWorkspace } from "./list_workspace.ts";
export { openCacheStore, type OpenCacheStoreOptions } from "./open_cache_store.ts";
export { packFiles } from "./pack_files.ts";
export { type PackOptions, packTree } from "./pack_tree.ts";
export { packWorkspace, type PackWorkspaceOptions } from "./pack_workspace.ts";
export { type UnpackOptions, unpackTree } from "./unpack_tree.ts";
export type { TreeFilter, WalkedEntry } from "./walk_tree.ts";
export type { PackProgress, WorkspaceSource } from "./workspace_source.ts";
