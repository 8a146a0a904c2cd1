import { resolve } from "node:path";
import { CodedError } from "../errors/mod.ts";

/** A secret as a flag hands it over. */
export interface SecretFlag {
  readonly key: string;
  readonly value: string;
}

/** What a flag may refer to. */
export interface SecretFlagOptions {
  readonly env: (name: string) => string | undefined;
  /** What relative paths start from. */
  readonly cwd: string;
}

/**
 * Reads `K=V` (verbatim), `K=@file` (its text; the line end of a file with one line is not part of it; `K=@@V`
 * is the value `@V`), or `K` alone (the variable of that name).
 *
 * @throws {CodedError} `SECRET_MISSING` when the variable or the file is not there, `SECRETS_INVALID` when there
 *   is no key or the file is no text; values are not shown
 */
export async function readSecretFlag(
  text: string,
  { env, cwd }: SecretFlagOptions,
): Promise<SecretFlag> {
  const equals = text.indexOf("=");
  const key = equals < 0 ? text : text.slice(0, equals);
  if (key === "" || key.includes("\0")) {
    throw new CodedError("SECRETS_INVALID", "Cannot read a secret as it is K=V: it has no key", {
      fix: "-e API_TOKEN=@token.txt",
    });
  }
  if (equals < 0) {
    const value = env(key);
    if (value === undefined) throw missing(key, `there is no variable ${key}`);
    return { key, value };
  }
  const value = text.slice(equals + 1);
  if (value.startsWith("@@")) return { key, value: value.slice(1) };
  if (value.startsWith("@")) return { key, value: await readValue(key, value.slice(1), cwd) };
  return { key, value };
}

async function readValue(key: string, file: string, cwd: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(resolve(cwd, file));
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound ? "does not exist" : "cannot be read";
    throw missing(key, `"${file}" ${state}`, cause);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // What has more lines, such as a private key, may need its last line end.
    return /^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, "") : text;
  } catch {
    throw new CodedError(
      "SECRETS_INVALID",
      `Cannot read secret "${key}" as secrets are text: "${file}" is not UTF-8`,
      { fix: `base64 "${file}" > "${file}.txt", and -e ${key}=@${file}.txt` },
    );
  }
}

function missing(key: string, state: string, cause?: unknown): CodedError {
  return new CodedError(
    "SECRET_MISSING",
    `Cannot read secret "${key}" as it must exist: ${state}`,
    {
      fix: `export ${key}=…, or -e ${key}=@file`,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
