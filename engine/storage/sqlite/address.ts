import { StorageError } from "../storage_error.ts";

/** What an address of a database file says. */
export interface Address {
  /** Absolute. */
  readonly path: string;
  readonly synchronous: "normal" | "full";
  /** A damaged file is put aside, and what can be read of it goes into a new one. */
  readonly recover: boolean;
}

const FIX =
  "--storage sqlite:///path/to/runs.db, or sqlite://./runs.db below the working directory";

/**
 * Reads `sqlite:///abs/path` or `sqlite://./rel/path`, with `?synchronous=normal|full&recover=yes`.
 *
 * @throws {StorageError} `STORAGE_INVALID`
 */
export function readAddress(url: string, cwd: () => string): Address {
  const [, encoded = "", query = ""] = /^sqlite:\/\/([^?#]*)(?:\?([^#]*))?$/i.exec(url) ?? [];
  const path = decode(encoded);
  if (
    path === undefined || !/^(\/|\.\.?\/)/.test(path) || path.includes("\0") || path.endsWith("/")
  ) {
    throw invalid(url, "it has no path that begins with /, ./ or ../ and ends with a file's name");
  }
  let synchronous: Address["synchronous"] = "normal";
  let recover = false;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "synchronous" && (value === "normal" || value === "full")) synchronous = value;
    else if (name === "recover" && (value === "yes" || value === "no")) recover = value === "yes";
    else {throw invalid(
        url,
        `its options are synchronous=normal|full and recover=yes, not "${name}=${value}"`,
      );}
  }
  const absolute = path.startsWith("/") ? path : `${cwd()}/${path.replace(/^(\.\/)+/, "")}`;
  return { path: absolute, synchronous, recover };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** An address that names no file. */
export function invalid(url: string, state: string): StorageError {
  return new StorageError("STORAGE_INVALID", `Cannot open "${url}" as a database file: ${state}`, {
    fix: FIX,
  });
}
