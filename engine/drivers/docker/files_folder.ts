/** Where a task's own files are in its container, below the root. */
export const FILES_FOLDER = ".pd";
