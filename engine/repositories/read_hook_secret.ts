import { CodedError } from "../errors/mod.ts";
import type { Repository } from "./repository.ts";

const MAX_BYTES = 64 * 1024;

/**
 * The secret that webhooks of a repository are verified with, as it is now.
 *
 * @throws {CodedError} `WEBHOOK_UNVERIFIED`
 */
export async function readHookSecret(
  { name, secretFrom }: Pick<Repository, "name" | "secretFrom">,
  env: (name: string) => string | undefined,
): Promise<string> {
  if (secretFrom === undefined) throw unverified(name, "it has no secret for them");
  const secret = secretFrom.startsWith("env:")
    ? env(secretFrom.slice("env:".length)) ?? ""
    : await readFile(secretFrom.slice("file:".length));
  if (secret.trim() === "") throw unverified(name, "its secret is not there, or empty");
  return secret.trim();
}

async function readFile(path: string): Promise<string> {
  try {
    const { isFile, size } = await Deno.stat(path);
    return isFile && size <= MAX_BYTES ? await Deno.readTextFile(path) : "";
  } catch {
    return "";
  }
}

function unverified(name: string, state: string): CodedError {
  return new CodedError(
    "WEBHOOK_UNVERIFIED",
    `Cannot take webhooks of "${name}" as verified ones: ${state}`,
    { fix: `pd repo add ${name} --replace --secret-from file:/etc/pd/${name}-hook` },
  );
}
