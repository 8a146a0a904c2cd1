import type { Secrets } from "./context.ts";

/** What stands before the name of a secret in the `env` of a container. */
const PREFIX = "secret:";

/** The name of the secret that a variable's value refers to: `KEY` or `service.key`; `undefined` for any other text. */
export function secretNameOf(value: string): string | undefined {
  return value.startsWith(PREFIX) ? value.slice(PREFIX.length) : undefined;
}

/**
 * The secret of that name: `service.key`, or `KEY` for the single value of a service, as a plain text file and
 * `--secret KEY=…` give it. `undefined` when there is none.
 */
export function findSecret(secrets: Secrets, name: string): string | undefined {
  const single = own(secrets, name);
  if (single !== undefined) return own(single, "value");
  // Dots may stand in the names of services and keys too, so every split is tried.
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const service = own(secrets, name.slice(0, dot));
    const value = service && own(service, name.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function own<T>(object: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
