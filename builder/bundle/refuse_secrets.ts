import { CodedError } from "../../engine/errors/mod.ts";
import { loadSecrets, secretForms, type Secrets } from "../../engine/context/mod.ts";

/** Shorter ones are words that stand in code by chance. */
const LEAST_CHARS = 8;
/** Parts of a value stand in code by right: `-----BEGIN PRIVATE KEY-----`, `service_account`. */
const PARTS = /^(?:line|leaf)/;
const SECRET_FILE = /(?:^|\/)(?:\.secrets|\.env)[^/]*(?:\/|$)/;

/**
 * Refuses files by which a secret would get into an image: a file of secrets among those that code was made of or that
 * are shipped, and the value of a secret in any of them.
 *
 * @throws {CodedError} `CONTEXT_SECRET`; `SECRETS_INVALID`
 */
export async function refuseSecrets(
  root: string,
  { files, inputs }: {
    readonly files: ReadonlyMap<string, Uint8Array>;
    /** Absolute paths. */
    readonly inputs: readonly string[];
  },
): Promise<void> {
  for (const path of [...files.keys(), ...inputs]) {
    if (SECRET_FILE.test(path)) throw refusal(path, "it is a file of secrets");
  }
  const { secrets } = await loadSecrets({ dir: root });
  const values = longValues(secrets);
  if (values.length === 0) return;
  const decoder = new TextDecoder();
  for (const [path, bytes] of files) {
    const text = decoder.decode(bytes);
    const plain = unescaped(text);
    const found = values.find(({ value }) => text.includes(value) || plain.includes(value));
    if (found !== undefined) throw refusal(path, `it holds the value of ${found.name}`);
  }
}

function refusal(path: string, state: string): CodedError {
  return new CodedError(
    "CONTEXT_SECRET",
    `Cannot put "${path}" into an image as whoever pulls it could read a secret: ${state}`,
    { fix: "Take it out of the code, and read the secret by ctx.secrets" },
  );
}

/** A string of code as what it stands for, whatever quotes it has. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(
    /\\([nrt"'`$\\])/g,
    (_, char: string) => ({ n: "\n", r: "\r", t: "\t" })[char] ?? char,
  );
}

/** As they are written, and as code and data may hold them: escaped, in Base64, in hex. */
function longValues(secrets: Secrets): { readonly name: string; readonly value: string }[] {
  return Object.entries(secrets).flatMap(([service, entry]) =>
    Object.entries(entry).flatMap(([key, value]) =>
      value.length < LEAST_CHARS
        ? []
        : [...secretForms(value)].filter(([text, form]) =>
          text.length >= LEAST_CHARS && !PARTS.test(form)
        ).map(([text]) => ({ name: `${service}.${key}`, value: text }))
    )
  );
}
