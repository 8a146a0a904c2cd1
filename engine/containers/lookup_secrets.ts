import type { Secrets } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";

const PREFIX = "secret:";

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
    if (!value.startsWith(PREFIX)) {
      found.push([name, value]);
      continue;
    }
    const key = value.slice(PREFIX.length);
    const secret = find(secrets, key);
    if (secret === undefined) missing.push(key);
    else found.push([name, secret]);
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

/** Dots may stand in the names of services and keys too, so every split is tried. */
function find(secrets: Secrets, key: string): string | undefined {
  const whole = of(secrets, key, "value");
  if (whole !== undefined) return whole;
  for (let dot = key.indexOf("."); dot !== -1; dot = key.indexOf(".", dot + 1)) {
    const value = of(secrets, key.slice(0, dot), key.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function of(secrets: Secrets, service: string, key: string): string | undefined {
  const keys = Object.hasOwn(secrets, service) ? secrets[service] : undefined;
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined;
}
