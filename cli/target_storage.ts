import { systemClock } from "../engine/clock/mod.ts";
import { dataDir, defaultStorageUrl, openStorage, type Storage } from "../engine/storage/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** A storage on its way. Disposing it closes it, also when nobody waited for it. */
export interface OpeningStorage extends AsyncDisposable {
  readonly storage: Promise<Storage>;
}

/**
 * Begins to open the storage that `--storage` names, else the user's own; without a home to put it in, runs
 * are kept in memory.
 */
export function beginStorage(
  url: string | undefined,
  { env, cwd, measure }: Pick<Io, "env" | "cwd"> & { measure?(storage: Storage): Storage },
): OpeningStorage {
  const own = () => dataDir(env) === undefined ? "memory:" : defaultStorageUrl(env);
  const storage = openStorage(url ?? own(), { clock: systemClock, env, cwd })
    .then((opened) => measure?.(opened) ?? opened);
  // Whoever opens the workflow hears of it; until then nobody does.
  storage.catch(() => {});
  return {
    storage,
    async [Symbol.asyncDispose]() {
      const opened = await storage.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
