import { type Secrets, selectSecrets } from "../context/mod.ts";
import type { CodeNodeSpec } from "../spec/mod.ts";

/** All that a node host may do: nodes with equal rights share hosts. */
export interface Rights {
  /** Hosts it may reach; `"any"`, or none when empty. */
  readonly net: readonly string[] | "any";
  /** Absolute paths beside the workflow folder, which is always readable. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly secrets: Secrets;
  /** Resident memory in bytes. */
  readonly memoryBytes: number;
}

/** What a node may write when it has no `permissions:` block. */
const DEFAULT_WRITE = ["/tmp"];

/** The rights that workflow.yaml gives a node. With `isClosed` no network is reachable at all. */
export function rightsOf(
  spec: CodeNodeSpec,
  options: { workflowDir: string; secrets: Secrets; isClosed: boolean },
): Rights {
  const { permissions } = spec;
  const net = permissions === undefined ? "any" : permissions.net ?? [];
  return {
    net: options.isClosed ? [] : net === "any" || net.includes("*") ? "any" : [...net].sort(),
    read: absolute(permissions?.read ?? [], options.workflowDir),
    write: absolute(
      permissions === undefined ? DEFAULT_WRITE : permissions.write ?? [],
      options.workflowDir,
    ),
    secrets: selectSecrets(options.secrets, permissions?.secrets),
    memoryBytes: spec.memoryBytes,
  };
}

/** Equal for equal rights. Holds secret values: never show or store it. */
export function rightsKey(rights: Rights): string {
  return JSON.stringify([
    rights.net,
    rights.read,
    rights.write,
    rights.memoryBytes,
    rights.secrets,
  ]);
}

function absolute(paths: readonly string[], base: string): string[] {
  return paths.map((path) => path.startsWith("/") ? path : `${base}/${path}`).sort();
}
