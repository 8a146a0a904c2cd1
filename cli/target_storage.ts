import { systemClock } from "../engine/clock/mod.ts";
import { dataDir, defaultStorageUrl, openStorage, type Storage } from "../engine/storage/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** A storage to be opened when it is wanted. Disposing it closes it, if it was. */
export interface TargetStorage extends AsyncDisposable {
  /**
   * The same each time.
   *
   * @throws {StorageError}
   */
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
  let opening: Promise<Storage> | undefined;
  let shown: Storage | undefined;
  return {
    async open() {
      const own = () => dataDir(env) === undefined ? "memory:" : defaultStorageUrl(env);
      opening ??= openStorage(url ?? own(), { clock: systemClock, env, cwd });
      const opened = await opening;
      return shown ??= measure?.(opened) ?? opened;
    },
    async [Symbol.asyncDispose]() {
      // One that could not be opened was reported to whoever asked for it.
      const opened = await opening?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
