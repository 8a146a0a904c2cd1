import { sleep } from "../../clock/mod.ts";
import { PdError } from "../../errors/mod.ts";
import type { OpenStorageOptions } from "../open_options.ts";
import type { Storage } from "../storage.ts";
import { StorageError } from "../storage_error.ts";
import { invalid, readAddress } from "./address.ts";
import { checkHeader, checkPages } from "./check_file.ts";
import { Database } from "./database.ts";
import { isBusy, toStorageError, unavailable } from "./failure.ts";
import { makePrivate } from "./file_modes.ts";
import { checkVersion, migrate, type Migration, MIGRATIONS } from "./migrations.ts";
import { recover } from "./recover.ts";
import { SqliteStorage } from "./sqlite_storage.ts";

/** How long other processes may keep the file to themselves while it is opened. */
const MAX_WAIT_MS = 5_000;
const WAIT_STEP_MS = 10;
const CACHE_KIB = 8 * 1024;
/** What the write-ahead log may keep after a burst. */
const LOG_BYTES = 64 * 1024 * 1024;

/** What tests say besides. */
export interface OpenSqliteOptions extends OpenStorageOptions {
  readonly migrations?: readonly Migration[];
}

/** Opens `sqlite:///path`; the file and its folder are made when they are not there. */
export async function open(url: string, options: OpenSqliteOptions): Promise<Storage> {
  const { path, synchronous, recover: mayRecover } = readAddress(
    url,
    () => options.cwd ?? Deno.cwd(),
  );
  const deadline = options.clock.monotonic() + MAX_WAIT_MS;
  for (;;) {
    try {
      return new SqliteStorage(openFile(url, path, synchronous, options), options);
    } catch (thrown) {
      const error = toStorageError(thrown, path);
      if (mayRecover && error instanceof StorageError && error.code === "STORAGE_DAMAGED") {
        const { migrations = MIGRATIONS, clock } = options;
        recover(path, { now: clock.now(), migrations });
        return new SqliteStorage(openFile(url, path, synchronous, options), options);
      }
      if (!isBusy(thrown) || options.clock.monotonic() >= deadline) {
        throw toStorageError(error, path);
      }
      await sleep(WAIT_STEP_MS, options.clock);
    }
  }
}

function openFile(
  url: string,
  path: string,
  synchronous: string,
  { check = "bounded", migrations = MIGRATIONS }: OpenSqliteOptions,
): Database {
  prepareFile(url, path, migrations.length);
  const db = new Database(path);
  try {
    // A damaged file and one of another program are found before anything writes.
    const version = checkVersion(db, migrations.length);
    if (version > 0) checkPages(db, check);
    // An empty file has nothing to lose: it is made in 7 ms, not in 20.
    else db.run("PRAGMA synchronous = OFF");
    db.get("PRAGMA journal_mode = WAL");
    db.run(`PRAGMA synchronous = ${synchronous}`);
    db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
    db.get(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
    migrate(db, migrations);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareFile(url: string, path: string, newest: number): void {
  try {
    checkHeader(path, newest);
    makePrivate(path);
  } catch (error) {
    if (error instanceof PdError) throw error;
    if (isFolder(path)) throw invalid(url, "it is a folder");
    throw unavailable(path, error instanceof Error ? error.message : String(error), error);
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
