import { resolve } from "node:path";
import { type Address, parseAddress } from "../address/mod.ts";
import { type Clock, systemClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { SecretsBackend } from "./secrets_backend.ts";

/** What a secrets backend is opened with. */
export interface OpenSecretsOptions {
  /** The environment that keys are read from. */
  readonly env: (name: string) => string | undefined;
  /** What relative paths start from. */
  readonly cwd: string;
  /** For the wait until another process has written; the machine's unless a test says otherwise. */
  readonly clock?: Clock;
}

const EXAMPLE = "local://./secrets.pd?key_env=MY_KEY, or local:///path?key_file=/path/to/key";
/** The variable that holds the key when the address names none. */
const KEY_VARIABLE = "PD_SECRETS_KEY";
const KEY_PARAMS: readonly string[] = ["key", "key_file", "key_env"];

/**
 * Opens the encrypted file at `local://path`. The key is the text in `?key=`, the content of `?key_file=`, the
 * variable that `?key_env=` names, or `PD_SECRETS_KEY`. Neither the file nor the key is looked at before it is
 * needed: a file that does not exist is one without secrets, and needs no key until something is set.
 *
 * @throws {CodedError} `SECRETS_INVALID` for an address that says nothing to us; parameters are not shown
 */
export async function openSecretsBackend(
  text: string,
  options: OpenSecretsOptions,
): Promise<SecretsBackend> {
  const address = parseAddress(text);
  if (address === undefined) {
    throw invalid("they have an address scheme://path?key=value: this is none");
  }
  if (address.scheme !== "local") {
    throw invalid(`there is one kind of place, local: not "${address.scheme}"`);
  }
  if (address.target === "") throw invalid("local:// needs the path of a file: there is none");
  checkParams(address);
  const { SecretsFile }: typeof import("./secrets_file.ts") = await import(
    new URL("./secrets_file.ts", import.meta.url).href
  );
  return new SecretsFile({
    path: resolve(options.cwd, address.target),
    readKey: () => readKey(address, options),
    clock: options.clock ?? systemClock,
  });
}

function checkParams({ params }: Address): void {
  const keys = Object.keys(params);
  const unknown = keys.find((key) => !KEY_PARAMS.includes(key));
  if (unknown !== undefined) {
    throw invalid(`the parameters are ${KEY_PARAMS.join(", ")}: there is "${unknown}"`);
  }
  if (keys.length > 1) throw invalid(`there is one key: ${keys.join(" and ")} are given`);
}

async function readKey({ params }: Address, options: OpenSecretsOptions): Promise<Uint8Array> {
  const key = await keyOf(params, options);
  if (key.length > 0) return key;
  throw keyMissing("it is empty");
}

async function keyOf(params: Address["params"], options: OpenSecretsOptions): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const { key, key_file: file, key_env: variable = KEY_VARIABLE } = params;
  if (key !== undefined) return encoder.encode(key);
  if (file === undefined) {
    const value = options.env(variable);
    if (value === undefined) throw keyMissing(`${variable} is not set`);
    return encoder.encode(value);
  }
  try {
    return withoutLineEnd(await Deno.readFile(resolve(options.cwd, file)));
  } catch (cause) {
    throw keyMissing(`"${file}" cannot be read`, cause);
  }
}

/** Editors and `echo` end a file with one, which nobody means as part of the key. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

function keyMissing(state: string, cause?: unknown): CodedError {
  const message = `Cannot open the secrets as they are encrypted with a key: ${state}`;
  return new CodedError("SECRETS_KEY_MISSING", message, {
    fix: `export ${KEY_VARIABLE}=…, or ${EXAMPLE}`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function invalid(why: string): CodedError {
  return new CodedError("SECRETS_INVALID", `Cannot open the secrets as ${why}`, { fix: EXAMPLE });
}
