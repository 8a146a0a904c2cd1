import { CodedError } from "../engine/errors/mod.ts";
import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { applyError } from "./apply_error.ts";
import type { KubernetesObject } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { pathOf, resourceOf, RESOURCES, shown } from "./resources.ts";
import { withProgress } from "./with_progress.ts";

/** How objects are applied. */
export interface ApplyOptions {
  /** Takes over fields that another manager has set. */
  readonly force: boolean;
  /** Asks the cluster and changes nothing. */
  readonly dryRun?: boolean;
  onApplied?(applied: Applied): void;
  /** What the API server warns of. */
  onWarning?(message: string): void;
}

/** What became of one object. */
export interface Applied {
  readonly kind: string;
  readonly name: string;
  readonly change: "created" | "applied";
  /** As the cluster has it now; without its content when it is a Secret. */
  readonly object: KubernetesObject;
}

/** Who owns what is applied here. */
export const FIELD_MANAGER = "pipedreamer";
const APPLY_PATCH = "application/apply-patch+yaml";
/** What is applied is answered with its content, unless told otherwise: values of secrets stay where they are. */
const WITHOUT_CONTENT = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

/** The order in which objects are applied: what pods need before them, and what calls them after. */
export function inOrder<T extends Pick<KubernetesObject, "kind">>(objects: readonly T[]): T[] {
  const rank = ({ kind }: T) => RESOURCES.findIndex((one) => one.kind === kind);
  return objects.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * Applies objects on the server's side as the field manager `pipedreamer`, one after another, and stops at the
 * first that is refused. Doing it again changes nothing.
 *
 * @throws {CodedError} `APPLY_CONFLICT`, `MANIFEST_INVALID`, `NAMESPACE_MISSING` or `APPLY_FAILED`, which say
 * what was applied before
 * @throws {KubernetesError} when the cluster cannot be asked, or a right is missing
 */
export async function applyAll(
  operation: Operation,
  objects: readonly KubernetesObject[],
  options: ApplyOptions,
): Promise<readonly Applied[]> {
  const done: Applied[] = [];
  for (const object of inOrder(objects)) {
    try {
      const applied = await applyOne(operation, object, options);
      done.push(applied);
      options.onApplied?.(applied);
    } catch (error) {
      throw applyFailure(error, object, { done, dryRun: options.dryRun ?? false, operation });
    }
  }
  return done;
}

async function applyOne(
  { client, namespace, signal }: Operation,
  object: KubernetesObject,
  { force, dryRun = false, onWarning }: ApplyOptions,
): Promise<Applied> {
  const { kind = "", metadata: { name } } = object;
  const response = await client.open({
    method: "PATCH",
    path: pathOf(resourceOf(kind), namespace, name),
    query: {
      fieldManager: FIELD_MANAGER,
      force: `${force}`,
      fieldValidation: "Strict",
      dryRun: dryRun ? "All" : undefined,
    },
    json: object,
    contentType: APPLY_PATCH,
    ...kind === "Secret" ? { accept: WITHOUT_CONTENT } : {},
    timeoutMs: ANSWER_MS,
    signal,
  });
  const warning = response.headers.get("warning");
  if (warning !== null) { for (const text of warningsOf(warning)) onWarning?.(text); }
  return {
    kind,
    name,
    change: response.status === 201 ? "created" : "applied",
    object: await response.json(),
  };
}

/** The texts of a `Warning` header (RFC 9111, 5.5): `299 - "text"`, several with commas. */
export function warningsOf(header: string): string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    text.replace(/\\(.)/g, "$1")
  );
}

function applyFailure(
  error: unknown,
  object: KubernetesObject,
  { done, dryRun, operation }: {
    readonly done: readonly Applied[];
    readonly dryRun: boolean;
    readonly operation: Operation;
  },
): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const names = done.map(({ kind, name }) => shown({ kind, metadata: { name } }));
  const before = names.length === 0
    ? "nothing was applied"
    : `applied before it: ${names.join(", ")}`;
  const told = applyError(error, object, operation.namespace);
  if (told !== undefined) {
    // The cluster's own words may repeat what is in a Secret, and `-v` prints causes.
    const cause = object.kind === "Secret" ? {} : { cause: error };
    const message = dryRun ? told.message : `${told.message}; ${before}`;
    return new CodedError(told.code, message, { fix: told.fix, ...cause });
  }
  return dryRun ? error : withProgress(error, before);
}
