import { CodedError } from "../errors/mod.ts";
import type { Secrets } from "./context.ts";
import { deepFreeze } from "./deep_freeze.ts";
import { MOUNTED_SECRETS, SECRETS_FILE, SECRETS_FOLDER } from "./secret_places.ts";
import {
  invalid,
  mergeSecrets,
  parseSecretsFile,
  parseServiceFile,
  type SecretMap,
} from "./secret_values.ts";

/** Where secrets may lie. */
export interface LoadSecretsOptions {
  /** The workflow folder, absolute. */
  readonly dir: string;
  /** `--secrets`: a file or a folder that is read instead of all others. */
  readonly path?: string;
  /** Where a cluster mounts them; `/app/secrets` by default. */
  readonly mounted?: string;
}

/** Secrets, and the places that no node may read. */
export interface LoadedSecrets {
  /** Frozen throughout. */
  readonly secrets: Secrets;
  /**
   * Absolute paths for `--deny-read`, whether anything is there or not, and where their symlinks lead.
   * Sorted, none twice.
   */
  readonly files: readonly string[];
}

const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads the secrets of a workflow: `path` alone when given; else `.secrets/` (a file per service),
 * `.secrets.yaml` over it, and the mounted folder over both, key by key. Hidden files are skipped.
 *
 * @throws {CodedError} `SECRETS_NOT_FOUND` when `path` is missing, `SECRETS_INVALID` for a file that
 * cannot be read or understood; the message never holds a file's content
 */
export async function loadSecrets(options: LoadSecretsOptions): Promise<LoadedSecrets> {
  const { dir, path, mounted = MOUNTED_SECRETS } = options;
  const folder = `${dir}/${SECRETS_FOLDER}`;
  const file = `${dir}/${SECRETS_FILE}`;
  const reader = new Reader();
  for (const place of [folder, file, mounted]) await reader.hide(place);

  if (path !== undefined) {
    await reader.hide(absolute(path));
    const found = await reader.readPath(absolute(path));
    if (!found) {
      throw new CodedError(
        "SECRETS_NOT_FOUND",
        `Cannot read secrets "${path}" as --secrets names a file or folder: nothing is there`,
        { fix: "Pass the path of an existing file or folder: --secrets ./secrets.yaml" },
      );
    }
  } else {
    await reader.readFolder(folder);
    await reader.readFile(file);
    await reader.readFolder(mounted);
  }
  return { secrets: reader.secrets(), files: reader.hidden() };
}

/** Collects secrets from places in the order they are read; a later place wins, key by key. */
class Reader {
  readonly #secrets: SecretMap = new Map();
  readonly #hidden = new Set<string>();

  secrets(): Secrets {
    return deepFreeze(
      Object.fromEntries(
        [...this.#secrets].map(([service, keys]) => [service, Object.fromEntries(keys)]),
      ),
    );
  }

  hidden(): readonly string[] {
    return [...this.#hidden].sort();
  }

  /** Notes a place that nodes may not read, and where its symlinks lead. */
  async hide(path: string): Promise<void> {
    this.#hidden.add(path);
    try {
      this.#hidden.add(await Deno.realPath(path));
    } catch {
      // Nothing there, or a dangling link: the name itself is hidden already.
    }
  }

  /** A file or a folder; false when there is neither. */
  async readPath(path: string): Promise<boolean> {
    const info = await statOf(path);
    if (info === undefined) return false;
    if (info.isDirectory) await this.readFolder(path);
    else await this.readFile(path);
    return true;
  }

  /** A file with several services, if it is there. */
  async readFile(file: string): Promise<void> {
    const info = await statOf(file);
    if (info === undefined) return;
    mergeSecrets(this.#secrets, await parseSecretsFile(await readText(file, info), file));
  }

  /** A folder with a file per service, if it is there. */
  async readFolder(folder: string): Promise<void> {
    const info = await statOf(folder);
    if (info === undefined) return;
    if (!info.isDirectory) {
      throw invalid(folder, "it is a folder with a file per service", "it is a file", {
        fix: `Move it to ${folder}.yaml, or to a folder of that name: ${folder}/<service>.json`,
      });
    }
    const origins = new Map<string, string>();
    const services: SecretMap = new Map();
    for (const name of await namesIn(folder)) {
      const file = `${folder}/${name}`;
      // In a mounted Secret each name is a link to ..data/<name>, which links to a dated folder.
      await this.hide(file);
      const service = name.replace(/(?<=.)\.[^.]*$/, "");
      const other = origins.get(service);
      if (other !== undefined) {
        throw invalid(file, "a service has one file", `"${service}" has ${other} as well`, {
          fix: `Join both in ${folder}/${service}.json and remove the other`,
        });
      }
      origins.set(service, name);
      const entry = await statOf(file);
      if (entry === undefined) {
        throw invalid(file, "each entry is a file", "it is a link to nothing", {
          fix: `rm ${file}`,
        });
      }
      services.set(service, await parseServiceFile(await readText(file, entry), file));
    }
    mergeSecrets(this.#secrets, services);
  }
}

/** Names in order, without hidden files and editors' backups. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.startsWith(".") && !name.endsWith("~")) names.push(name);
    }
  } catch (error) {
    throw unreadable(folder, error);
  }
  return names.sort();
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw unreadable(path, error);
  }
}

async function readText(file: string, info: Deno.FileInfo): Promise<string> {
  if (info.isDirectory) {
    throw invalid(file, "each service is one file", "it is a folder", {
      fix: `Write the keys to ${file}.json: {"token": "…"}`,
    });
  }
  if (info.size > MAX_FILE_BYTES) {
    throw invalid(file, `a file of secrets has at most 1 MiB`, `it has ${info.size} bytes`, {
      fix: `Keep only keys and values in ${file}`,
    });
  }
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid(file, "secrets are text in UTF-8", "it holds other bytes", {
      fix: `base64 -w0 ${file} > ${file}.txt`,
    });
  }
}

function unreadable(path: string, error: unknown): CodedError {
  const state = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable
    ? "the system does not allow it"
    : error instanceof Error
    ? error.name
    : "it fails";
  return invalid(path, "the engine must be able to read it", state, {
    fix: `chmod -R u+rX ${path}`,
  });
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path.replace(/^(?:\.\/+)+/, "")}`;
}
