import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { applyAll, FIELD_MANAGER, inOrder } from "./apply.ts";
import type { KubernetesObject } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { prune, type TellLeft } from "./prune.ts";
import { pathOf, resourceOf } from "./resources.ts";

/** What a deploy would do to one object. */
export interface ObjectChange {
  readonly kind: string;
  readonly name: string;
  /** `unknown` for a Secret that who asks may not get. */
  readonly change: "create" | "update" | "none" | "delete" | "unknown";
  /** Values of secrets are never among them. */
  readonly fields: readonly FieldChange[];
}

/** A field that would change. */
export interface FieldChange {
  /** Such as `spec.template.spec.containers[0].image`. */
  readonly path: string;
  /** JSON; undefined when there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const WITHOUT_CONTENT = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
/** In place of an object that may not be read. */
const HIDDEN = Symbol("hidden");
/** Of a Secret whose metadata stays and whose values do not. */
const HIDDEN_CHANGE: FieldChange = { path: "data", before: '"***"', after: '"***"' };
/** What the cluster itself writes, and a copy of everything that another program may have left. */
const NOISE = new Set([
  "metadata.managedFields",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.uid",
  "metadata.creationTimestamp",
  "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
  "status",
]);

/** What a deploy would change, as the cluster itself works it out (`dryRun=All`). Nothing is changed. */
export async function diffAll(
  operation: Operation,
  name: string,
  { objects, force, onLeft }: {
    readonly objects: readonly KubernetesObject[];
    readonly force: boolean;
    readonly onLeft?: TellLeft;
  },
): Promise<readonly ObjectChange[]> {
  const changes: ObjectChange[] = [];
  for (const object of inOrder(objects)) {
    const { kind = "" } = object;
    const before = await current(operation, object);
    const [after] = await applyAll(operation, [object], { force, dryRun: true });
    const seen = before === undefined || before === HIDDEN ? [] : compare(before, after?.object);
    const fields = seen.length === 0 && kind === "Secret" && isRewritten(before, after?.object)
      ? [HIDDEN_CHANGE]
      : seen;
    changes.push({
      kind,
      name: object.metadata.name,
      change: after?.change === "created"
        ? "create"
        : before === HIDDEN
        ? "unknown"
        : fields.length === 0
        ? "none"
        : "update",
      fields,
    });
  }
  const gone = await prune(operation, name, { keep: objects, dryRun: true, onLeft });
  return [
    ...changes,
    ...gone.map(({ kind, name }) => ({ kind, name, change: "delete" as const, fields: [] })),
  ];
}

/** An object as the cluster has it, a Secret without its content. */
async function current(
  { client, namespace, signal }: Operation,
  { kind = "", metadata: { name } }: KubernetesObject,
): Promise<unknown> {
  try {
    return await client.ask({
      method: "GET",
      path: pathOf(resourceOf(kind), namespace, name),
      ...kind === "Secret" ? { accept: WITHOUT_CONTENT } : {},
      timeoutMs: ANSWER_MS,
      signal,
    });
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.status === 404) return undefined;
    // The least rights do not let a deployer read Secrets.
    if (error.status === 403 && kind === "Secret") return HIDDEN;
    throw error;
  }
}

/**
 * Whether an apply changes an object of which only the metadata is known: the API server keeps the time of its
 * field manager as long as nothing changes, also in a dry run (v1.34).
 */
export function isRewritten(before: unknown, after: unknown): boolean {
  const [was, is] = [appliedAt(before), appliedAt(after)];
  return was !== undefined && is !== undefined && was !== is;
}

function appliedAt(object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as Partial<KubernetesObject>;
  return metadata?.managedFields?.find(({ manager, operation }) =>
    manager === FIELD_MANAGER && operation === "Apply"
  )?.time;
}

/** The fields in which two objects differ, without what the cluster itself writes. */
export function compare(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (NOISE.has(path) || Object.is(before, after)) return [];
  if (path === "metadata.annotations" && (before === undefined || after === undefined)) {
    // One by one, as not all of them are shown.
    return compare(before ?? {}, after ?? {}, path);
  }
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      compare(before[key], after[key], path === "" ? key : `${path}.${key}`)
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
      compare(before[index], after[index], `${path}[${index}]`)
    );
  }
  return [{ path, before: JSON.stringify(before), after: JSON.stringify(after) }];
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
