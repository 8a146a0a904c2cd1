import type { OpenStorageOptions } from "../open_options.ts";
import type { Storage } from "../storage.ts";
import { StorageError } from "../storage_error.ts";
import { MemoryStorage } from "./memory_storage.ts";

/** Opens `memory:`, empty. */
export function open(url: string, options: OpenStorageOptions): Promise<Storage> {
  if (/^memory:(\/\/)?$/i.test(url)) return Promise.resolve(new MemoryStorage(options));
  return Promise.reject(
    new StorageError("STORAGE_INVALID", `Cannot open "${url}" as memory: it has no name`, {
      fix: "--storage memory:",
    }),
  );
}
