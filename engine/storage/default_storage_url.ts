import { StorageError } from "./storage_error.ts";

/**
 * SQLite in the user's data folder: `$PD_DATA_DIR`, else `$XDG_DATA_HOME/pipedreamer`, else
 * `~/.local/share/pipedreamer`. Nothing is made or opened by asking.
 *
 * @throws {StorageError} `STORAGE_INVALID` when there is no home to put it in
 */
export function defaultStorageUrl(env: (name: string) => string | undefined): string {
  const dir = dataDir(env);
  if (dir === undefined) {
    throw new StorageError(
      "STORAGE_INVALID",
      "Cannot find the data folder as the environment names none: HOME is not set",
      { fix: "PD_DATA_DIR=/path/to/folder, or --storage memory:" },
    );
  }
  const path = `${dir.replace(/\/+$/, "")}/runs.db`.split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `sqlite://${path}` : `sqlite://./${path.replace(/^(\.\/)+/, "")}`;
}

/** The user's data folder of pd, or `undefined` when the environment names none. */
export function dataDir(env: (name: string) => string | undefined): string | undefined {
  const own = env("PD_DATA_DIR") ?? "";
  if (own !== "") return own;
  const data = env("XDG_DATA_HOME") ?? "";
  if (data !== "") return `${data}/pipedreamer`;
  const home = env("HOME") ?? "";
  return home === "" ? undefined : `${home}/.local/share/pipedreamer`;
}
