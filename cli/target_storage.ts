import { systemClock } from "../engine/clock/mod.ts";
import { dataDir, defaultStorageUrl, openStorage, type Storage } from "../engine/storage/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** A storage to be opened when it is wanted. Disposing it closes it, if it was. */
export interface TargetStorage extends AsyncDisposable {
  /** @throws {StorageError} */
  open(): Promise<Storage>;
}

/**
 * The storage that `--storage` names, else the user's own; without a home to put it in, runs are kept in
 * memory.
 */
export function targetStorage(
  url: string | undefined,
  { env, cwd, measure }: Pick<Io, "env" | "cwd"> & { measure?(storage: Storage): Storage },
): TargetStorage {
  let opened: Storage | undefined;
  return {
    async open() {
      const own = () => dataDir(env) === undefined ? "memory:" : defaultStorageUrl(env);
      opened = await openStorage(url ?? own(), { clock: systemClock, env, cwd });
      return measure?.(opened) ?? opened;
    },
    async [Symbol.asyncDispose]() {
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
