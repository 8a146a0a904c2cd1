import type { Secrets } from "../../engine/context/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { WorkflowRights } from "../rights.ts";
import type { Labels } from "./manifest.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * The `data` of a Secret: a JSON object per service, in Base64, as the engine reads them from
 * `/app/secrets`.
 *
 * @throws {CodedError} `MANIFEST_INVALID` for a service whose name is no file name there, or more than 1 MiB
 */
export function secretData(secrets: Secrets): Labels {
  const entries = Object.keys(secrets).sort().map((service) => {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}$/.test(service)) {
      throw new CodedError(
        "MANIFEST_INVALID",
        `Cannot deploy the secrets of "${service}" as a service has letters, digits, and . _ - in its name: it has others`,
        { fix: `mv .secrets/${service} .secrets/my-service` },
      );
    }
    const keys = Object.entries(secrets[service] ?? {}).sort(([a], [b]) => a < b ? -1 : 1);
    return [service, toBase64(JSON.stringify(Object.fromEntries(keys)))] as const;
  });
  const bytes = entries.reduce((sum, [service, value]) => sum + service.length + value.length, 0);
  if (bytes > MAX_BYTES) {
    throw new CodedError(
      "MANIFEST_INVALID",
      `Cannot deploy the secrets as a cluster keeps at most 1 MiB of a workflow: they have ${bytes} bytes`,
      { fix: "Keep only keys and values in .secrets/" },
    );
  }
  return Object.fromEntries(entries);
}

/** Those of `secrets` that anything in the workflow may read: what nobody reads stays at home. */
export function neededSecrets(secrets: Secrets, rights: WorkflowRights): Secrets {
  if ("any" in rights.secrets || rights.needsDriver) return secrets;
  const { names } = rights.secrets;
  const needed = Object.entries(secrets).flatMap(([service, keys]) => {
    if (names.includes(service)) return [[service, keys] as const];
    const left = Object.entries(keys).filter(([key]) => names.includes(`${service}.${key}`));
    return left.length === 0 ? [] : [[service, Object.fromEntries(left)] as const];
  });
  return Object.fromEntries(needed);
}

function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
