import { systemClock } from "../engine/clock/mod.ts";
import { defaultStorageUrl, openStorage, type Storage } from "../engine/storage/mod.ts";
import { shownAddress } from "./shown_address.ts";
import type { Io } from "./terminal/mod.ts";

/** A storage that is open, and its address as it may be shown. */
export interface RunStorage extends AsyncDisposable {
  readonly storage: Storage;
  /** Without a password. */
  readonly address: string;
}

/**
 * Opens the storage that `--storage` names, or the user's own.
 *
 * @throws {StorageError}
 */
export async function openRunStorage(
  url: string | undefined,
  { env, cwd }: Pick<Io, "env" | "cwd">,
): Promise<RunStorage> {
  const wanted = url ?? defaultStorageUrl(env);
  const storage = await openStorage(wanted, { clock: systemClock, env, cwd });
  return {
    storage,
    address: shownAddress(wanted),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}
