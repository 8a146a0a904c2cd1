import { PdError } from "../../errors/mod.ts";
import { StorageError } from "../storage_error.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const [PERM, BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB] = //
  [3, 5, 6, 8, 10, 11, 13, 14, 15, 26];
const UNAVAILABLE = new Set([PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL]);

/** SQLite's own code without its extension, or `undefined` when the error is none of SQLite's. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** Another process writes just now: the same call may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === BUSY || code === LOCKED;
}

/** The error that the storage's callers see; what is neither ours nor SQLite's stays as it is. */
export function toStorageError(error: unknown, path: string): unknown {
  if (error instanceof PdError) return error;
  const code = codeOf(error);
  const state = error instanceof Error ? error.message : String(error);
  if (code === CORRUPT || code === NOTADB) return damaged(path, state, error);
  const isOfDatabase = error instanceof Error && "code" in error &&
    error.code === "ERR_SQLITE_ERROR";
  if (code !== undefined && !UNAVAILABLE.has(code)) return error;
  if (code === undefined && !isOfDatabase) return error;
  return unavailable(path, state, error);
}

/** The file is full, locked, read-only or out of reach. */
export function unavailable(path: string, state: string, cause?: unknown): StorageError {
  return new StorageError(
    "STORAGE_UNAVAILABLE",
    `Cannot use storage "${path}" as asked: ${state}`,
    {
      fix: `df -h "${folderOf(path)}"; ls -l "${path}"*`,
      cause,
    },
  );
}

/** The file is not what was written. Nothing is changed in it. */
export function damaged(path: string, state: string, cause?: unknown): StorageError {
  return new StorageError(
    "STORAGE_DAMAGED",
    `Cannot read "${path}" as a storage of runs: ${state.replace(/\s*\n\s*/g, "; ")}`,
    {
      fix:
        `pd runs list --storage "sqlite://${
          encodePath(path)
        }?recover=yes" puts the file aside and ` +
        "keeps what can be read of it",
      cause,
    },
  );
}

/** Not even the tables can be found: there is nothing to keep. */
export function lost(path: string, cause: unknown): StorageError {
  const state = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(
    "STORAGE_DAMAGED",
    `Cannot recover "${path}" as its tables are lost: ${state}`,
    {
      fix: `for file in "${path}" "${path}-wal"; do mv "$file" "$file.damaged"; done`,
      cause,
    },
  );
}

/** A path as part of an address. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
