import type { OpenStorageOptions } from "../open_options.ts";
import type { Storage } from "../storage.ts";
import { readAddress } from "./address.ts";
import { Database } from "./database.ts";
import { migrate } from "./migrations.ts";
import { PostgresStorage } from "./postgres_storage.ts";

/**
 * Opens the storage at `postgres://[user[:password]@]host[:port]/database[?schema=pipedreamer&lease=15s&…]`, and
 * makes or updates its tables.
 *
 * @throws {StorageError} `STORAGE_INVALID`, `STORAGE_UNAVAILABLE`, `STORAGE_TOO_NEW`
 */
export async function open(url: string, options: OpenStorageOptions): Promise<Storage> {
  const env = options.env ?? (() => undefined);
  const db = new Database(readAddress(url, env), options.clock);
  try {
    await migrate(db);
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
  return new PostgresStorage(db, options);
}
