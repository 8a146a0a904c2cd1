import { findSecret, secretNameOf, type Secrets } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";

/**
 * `env` with the values of its `secret:KEY` entries: `KEY` is a secret of that name, or `service.key` one key of
 * a service.
 *
 * @param step For the message: `node "render"`.
 * @throws {CodedError} `SECRET_MISSING` with every key that is not there
 */
export function lookupSecrets(
  env: { readonly [name: string]: string },
  secrets: Secrets,
  step: string,
): { readonly [name: string]: string } {
  const found: [string, string][] = [];
  const missing: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    const key = secretNameOf(value);
    const text = key === undefined ? value : findSecret(secrets, key);
    if (text !== undefined) found.push([name, text]);
    else if (key !== undefined) missing.push(key);
  }
  if (missing.length === 0) return Object.fromEntries(found);
  const keys = missing.map((key) => `"${key}"`).join(", ");
  throw new CodedError(
    "SECRET_MISSING",
    `Cannot start ${step} as its env needs secrets that are there: ${keys} ` +
      `${missing.length === 1 ? "is" : "are"} not`,
    { fix: `pd secret set ${missing[0]}, or pd run -e ${missing[0]}=@file` },
  );
}
