import type { Secrets } from "./context.ts";
import { deepFreeze } from "./deep_freeze.ts";

/**
 * What a node may have of `secrets`: whole services (`github`) and single keys (`github.token`), as its
 * `permissions.secrets` says. `undefined` means all; names that nothing has are left out. Frozen.
 */
export function selectSecrets(secrets: Secrets, names: readonly string[] | undefined): Secrets {
  if (names === undefined) return deepFreeze(secrets);
  const chosen = new Map<string, Map<string, string>>();
  for (const name of names) {
    for (const [service, key, value] of matching(secrets, name)) {
      const keys = chosen.get(service) ?? new Map<string, string>();
      chosen.set(service, keys.set(key, value));
    }
  }
  return deepFreeze(
    Object.fromEntries([...chosen].map(([service, keys]) => [service, Object.fromEntries(keys)])),
  );
}

/** Dots may stand in the names of services and keys too, so every split is tried. */
function matching(secrets: Secrets, name: string): readonly [string, string, string][] {
  const found: [string, string, string][] = [];
  for (const [service, keys] of Object.entries(secrets)) {
    if (name !== service && !name.startsWith(`${service}.`)) continue;
    for (const [key, value] of Object.entries(keys)) {
      if (name === service || name === `${service}.${key}`) found.push([service, key, value]);
    }
  }
  return found;
}
