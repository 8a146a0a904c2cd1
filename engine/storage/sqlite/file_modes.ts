const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const SUFFIXES = ["", "-wal", "-shm"];

/**
 * Makes the folder (mode 0700) and an empty file (mode 0600) where they are missing, and takes everybody else's
 * rights from files that are there. SQLite gives its `-wal` and `-shm` the mode of the file. A folder
 * that was there keeps its mode: it may be somebody else's.
 */
export function makePrivate(path: string): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (folder !== "") Deno.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  Deno.openSync(path, { write: true, create: true, mode: FILE_MODE }).close();
  if (Deno.build.os === "windows") return;
  for (const suffix of SUFFIXES) closeToOthers(path + suffix);
}

function closeToOthers(path: string): void {
  try {
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(path, FILE_MODE);
  } catch {
    // It is not there, or not ours to change.
  }
}
