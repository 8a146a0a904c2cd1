import { isMap, isScalar, parseDocument } from "yaml";
import { CodedError } from "../errors/mod.ts";

const KEY = "jwt_secret";

/** What a configuration file says of the secret. */
export interface SecretFile {
  /** Undefined when the file or its key is not there. */
  readonly secret: string | undefined;
  readonly isOpenToOthers: boolean;
}

/**
 * Reads the secret from a configuration file.
 *
 * @throws {CodedError} `CONFIG_INVALID`
 */
export async function readSecretFile(file: string): Promise<SecretFile> {
  const text = await readText(file);
  if (text === undefined) return { secret: undefined, isOpenToOthers: false };
  const { mode } = await Deno.stat(file);
  return { secret: secretOf(parse(text, file), file), isOpenToOthers: ((mode ?? 0) & 0o077) !== 0 };
}

/**
 * Puts a secret into a configuration file that has none, for its owner alone; other keys stay. Gives the one that is
 * there in the end: whoever was faster counts.
 */
export async function putSecret(file: string, secret: string): Promise<string> {
  const text = await readText(file);
  const document = parse(text ?? "", file);
  const found = secretOf(document, file);
  if (found !== undefined) return found;
  document.set(KEY, secret);
  const temporary = `${file}.${crypto.randomUUID()}.new`;
  try {
    await Deno.writeTextFile(temporary, document.toString(), { createNew: true, mode: 0o600 });
    // A link fails where a file is already, other than a rename.
    if (text === undefined) await Deno.link(temporary, file);
    else await Deno.rename(temporary, file);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return await putSecret(file, secret);
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  return secret;
}

type Config = ReturnType<typeof parseDocument>;

function parse(text: string, file: string): Config {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    throw invalid(`${file}${at === undefined ? "" : `:${at.line}:${at.col}`}`, "it is no YAML");
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw invalid(file, "it is no map of keys and values");
  }
  return document;
}

function secretOf(document: Config, file: string): string | undefined {
  const node = document.get(KEY, true);
  if (node === undefined || (isScalar(node) && node.value === null)) return undefined;
  // Digits alone are text too, as they stand there.
  if (isScalar(node)) return typeof node.value === "string" ? node.value : node.source ?? "";
  throw invalid(file, `${KEY} is no text`);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Says nothing of what stands there: it may be the secret. */
function invalid(place: string, state: string): CodedError {
  return new CodedError(
    "CONFIG_INVALID",
    `Cannot read "${place}" as the server's configuration: ${state}`,
    { fix: `${KEY}: "at least 16 characters"` },
  );
}
