import { CodedError } from "../../engine/errors/mod.ts";
import { loadSecrets, type Secrets } from "../../engine/context/mod.ts";

/** Shorter ones are words that stand in code by chance. */
const LEAST_CHARS = 8;
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
    const found = values.find(({ value }) => text.includes(value));
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

function longValues(secrets: Secrets): { readonly name: string; readonly value: string }[] {
  return Object.entries(secrets).flatMap(([service, entry]) =>
    Object.entries(entry).flatMap(([key, value]) =>
      typeof value === "string" && value.length >= LEAST_CHARS
        ? [{ name: `${service}.${key}`, value }]
        : []
    )
  );
}
