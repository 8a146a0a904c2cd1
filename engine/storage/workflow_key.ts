import { dirname } from "node:path";

/**
 * Under which key the runs of a workflow are kept: its folder, or a file of another name than usual, as
 * that is a workflow of its own beside the folder's.
 *
 * @param file its real path: absolute, symlinks resolved
 */
export function workflowKeyOf(file: string): string {
  return /\/workflow\.ya?ml$/.test(file) ? dirname(file) : file;
}
