import { isAbsolute, join } from "node:path";
import { CodedError } from "../errors/mod.ts";
import { parseEnvFile } from "./parse_env_file.ts";

/** What is read when nobody says otherwise; the later file counts. */
export const DEFAULT_ENV_FILES: readonly string[] = [".env", ".env.local"];

const MAX_BYTES = 1024 * 1024;

/** Which files are laid over which variables. */
export interface EnvFiles {
  /** Names are relative to it. */
  readonly dir: string;
  /** In order, the last over the others; `.env` and `.env.local` when left out, none for an empty list. */
  readonly files?: readonly string[];
  /** Of the process. */
  readonly environment: { readonly [name: string]: string };
}

/** Variables, and where they came from. */
export interface LoadedEnvironment {
  readonly environment: { readonly [name: string]: string };
  /** Files that were there, as they were named. */
  readonly files: readonly string[];
}

/**
 * The variables of the process with those of files laid over them: what stands in a file counts more than what the
 * process was started with. Files that are not there are left out.
 *
 * @throws {CodedError} `FILE_REFUSED` for a file that cannot be read or is no list of variables; never with a
 *   value in its message
 */
export async function loadEnvFiles(
  { dir, files = DEFAULT_ENV_FILES, environment }: EnvFiles,
): Promise<LoadedEnvironment> {
  const result = { ...environment };
  const found: string[] = [];
  for (const file of files) {
    if (file === "") continue;
    const text = await readText(isAbsolute(file) ? file : join(dir, file), file);
    if (text === undefined) continue;
    found.push(file);
    Object.assign(result, parseEnvFile(text, file));
  }
  return { environment: result, files: found };
}

async function readText(path: string, file: string): Promise<string | undefined> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= MAX_BYTES) return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new CodedError(
      "FILE_REFUSED",
      `Cannot read "${file}" as variables: the file may not be read`,
      { fix: `chmod u+r ${path}`, cause },
    );
  }
  throw new CodedError(
    "FILE_REFUSED",
    `Cannot read "${file}" as variables as it has at most 1 MiB: it has more`,
    { fix: "Name the right file: pd serve --env-files .env" },
  );
}
