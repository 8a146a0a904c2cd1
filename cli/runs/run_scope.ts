import { CodedError } from "../../engine/errors/mod.ts";
import { workflowKeyOf } from "../../engine/storage/mod.ts";
import { findTarget, shownPath } from "../targets/mod.ts";

/** Whose runs are meant: those of one workflow folder, or all. */
export interface RunScope {
  /** What runs of that folder are kept under; all runs when undefined. */
  readonly workflowKey: string | undefined;
  /** The folder as a person would type it. */
  readonly folder: string | undefined;
}

/** All runs of a storage. */
export const ALL_RUNS: RunScope = { workflowKey: undefined, folder: undefined };

/** Where runs of a scope are, for a message: `this folder in sqlite:///…`. */
export function placeOf({ folder }: RunScope, address: string): string {
  if (folder === undefined) return address;
  return `${folder === "." ? "this folder" : `"${folder}"`} in ${address}`;
}

/**
 * The runs of a folder that was named, else of the folder one is in when it holds a workflow, else all.
 * A folder that is gone still has runs.
 *
 * @throws {CodedError} `TARGET_NOT_FOUND` for a folder that was named and holds no workflow
 */
export async function findScope(dir: string | undefined, cwd: string): Promise<RunScope> {
  try {
    const target = await findTarget(dir ?? ".", cwd);
    return {
      workflowKey: workflowKeyOf(await Deno.realPath(target.file)),
      folder: shownPath(target.dir, cwd),
    };
  } catch (error) {
    if (dir === undefined && error instanceof CodedError && error.code === "TARGET_NOT_FOUND") {
      return ALL_RUNS;
    }
    throw error;
  }
}
