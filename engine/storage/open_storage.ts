import { STORAGES } from "./catalog.ts";
import type { OpenStorageOptions } from "./open_options.ts";
import type { Storage } from "./storage.ts";
import { StorageError } from "./storage_error.ts";

/**
 * Opens the storage at an address: `sqlite:///path`, `sqlite://./path`, `postgres://…`, `memory:`. What it
 * is made of is loaded now, not before.
 *
 * @throws {StorageError} `STORAGE_INVALID` for an address that says nothing to us, `STORAGE_TOO_NEW`,
 *   `STORAGE_DAMAGED`, `STORAGE_UNAVAILABLE`
 */
export async function openStorage(url: string, options: OpenStorageOptions): Promise<Storage> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  const entry = STORAGES.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme));
  if (entry === undefined) throw unknownScheme(scheme);
  const module = await entry.load();
  return await module.open(url, options);
}

function unknownScheme(scheme: string | undefined): StorageError {
  // The address itself may hold a password.
  const what = scheme === undefined ? "the storage" : `storage "${scheme}:"`;
  const why = scheme === undefined ? "it has no scheme" : "no storage has that scheme";
  const examples = STORAGES.map(({ example }) => example).join(", ");
  return new StorageError("STORAGE_INVALID", `Cannot open ${what} as an address: ${why}`, {
    fix: `--storage takes one of ${examples}`,
  });
}
