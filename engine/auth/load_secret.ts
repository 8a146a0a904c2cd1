import { dirname, resolve } from "node:path";
import { CodedError } from "../errors/mod.ts";
import { putSecret, readSecretFile } from "./secret_file.ts";

const MIN_CHARS = 16;
/** prunner's, which counts where there is one. */
const PRUNNER_FILE = ".prunner.yml";
const OWN_FILE = ".pd/config.yaml";
const VARIABLES = ["PD_JWT_SECRET", "PRUNNER_JWT_SECRET"] as const;

/** Where the secret may be. */
export interface LoadSecretOptions {
  /** Absolute: what a relative path is meant from. */
  readonly cwd: string;
  env(name: string): string | undefined;
  /** `--jwt-secret` */
  readonly flag?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

/** The secret that tokens are signed with. */
export interface LoadedSecret {
  readonly secret: string;
  /** `--jwt-secret`, the variable, or the file that has it. */
  readonly place: string;
  /** It was made just now. */
  readonly isNew: boolean;
  /** What is not as it should be, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Finds the secret: as it was given by flag or environment, else `jwt_secret` of the configuration file. A file that
 * has none gets one; other keys of it stay.
 *
 * @throws {CodedError} `USAGE`, `CONFIG_INVALID`
 */
export async function loadSecret(options: LoadSecretOptions): Promise<LoadedSecret> {
  const { env, flag, cwd } = options;
  if (flag !== undefined) return given(flag, "--jwt-secret");
  for (const name of VARIABLES) {
    const value = env(name);
    if (value !== undefined && value !== "") return given(value, name);
  }
  const file = resolve(cwd, options.config ?? await defaultFile(cwd));
  const found = await readSecretFile(file);
  if (found.secret !== undefined) {
    if (found.secret.length < MIN_CHARS) throw tooShortIn(file);
    return { secret: found.secret, place: file, isNew: false, warnings: warningsOf(file, found) };
  }
  await Deno.mkdir(dirname(file), { recursive: true });
  if (options.config === undefined) await keepOutOfGit(file);
  const secret = crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  // Another process may have been faster: its secret counts.
  const kept = await putSecret(file, secret);
  return { secret: kept, place: file, isNew: kept === secret, warnings: [] };
}

function given(secret: string, place: string): LoadedSecret {
  if (secret.length >= MIN_CHARS) return { secret, place, isNew: false, warnings: [] };
  throw new CodedError(
    "USAGE",
    `Cannot use ${place} as a secret has at least ${MIN_CHARS} characters: it has ${secret.length}`,
    { fix: "Leave it out, and one is made; or: openssl rand -hex 32" },
  );
}

function tooShortIn(file: string): CodedError {
  return new CodedError(
    "CONFIG_INVALID",
    `Cannot use jwt_secret of "${file}" as a secret has at least ${MIN_CHARS} characters: it is shorter`,
    { fix: `Remove jwt_secret from ${file}, and one is made` },
  );
}

async function defaultFile(cwd: string): Promise<string> {
  try {
    await Deno.stat(resolve(cwd, PRUNNER_FILE));
    return PRUNNER_FILE;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return OWN_FILE;
    throw error;
  }
}

/** A secret of the default place is nobody's source. */
async function keepOutOfGit(file: string): Promise<void> {
  if (!file.endsWith(`/${OWN_FILE}`)) return;
  try {
    await Deno.writeTextFile(`${dirname(file)}/.gitignore`, "*\n", { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function warningsOf(
  file: string,
  { isOpenToOthers }: { readonly isOpenToOthers: boolean },
): readonly string[] {
  return isOpenToOthers
    ? [`others on this machine can read the secret in "${file}": chmod 600 ${file}`]
    : [];
}
