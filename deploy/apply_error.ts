import type { ErrorCode } from "../engine/errors/mod.ts";
import type { KubernetesError } from "../engine/kubernetes/mod.ts";
import type { KubernetesObject } from "./objects.ts";
import { shown } from "./resources.ts";

/** An error of an apply in the words of whoever deploys. */
export interface ApplyFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/**
 * What a refused apply means; undefined where the error says it already, such as a missing right. A manifest
 * that the API server cannot read is its status 500 without a reason (v1.36): asking again would not help.
 */
export function applyError(
  error: KubernetesError,
  object: KubernetesObject,
  namespace: string,
): ApplyFailure | undefined {
  const what = shown(object);
  const { status, reason } = error;
  // An object's own values may stand in the answer, and those of a Secret are secret.
  const said = object.kind === "Secret" ? withoutValues(error) : error.said;
  if (status === 409 && reason === "Conflict") {
    const fields = error.causes.map(({ field = "", message = "" }) =>
      `${field} (${/conflict with (.*)/.exec(message)?.[1] ?? message})`
    );
    return {
      code: "APPLY_CONFLICT",
      message: `Cannot apply "${what}" as others have set its fields: ${
        fields.join(", ") || error.said
      }`,
      fix: `pd deploy . -n ${namespace} --force`,
    };
  }
  if (status === 404 && /^namespaces "/.test(error.said)) return missingNamespace(namespace);
  if (status === 403 && error.causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    return {
      code: "NAMESPACE_MISSING",
      message: `Cannot apply "${what}" as the namespace "${namespace}" is being deleted`,
      fix:
        `kubectl wait --for=delete namespace/${namespace} && pd cluster check --fix -n ${namespace}`,
    };
  }
  const isUnreadable = status === 500 && reason === undefined;
  if (isUnreadable || status === 400 || status === 415 || status === 422) {
    const fields = error.causes.flatMap(({ field, message }) =>
      field === undefined || object.kind === "Secret" ? [] : [`${field}: ${message}`]
    );
    return {
      code: "MANIFEST_INVALID",
      message: `Cannot apply "${what}" as its manifest is not valid: ${
        fields.join(", ") || afterPreamble(said)
      }`,
      fix: "pd deploy . --dry-run",
    };
  }
  if (error.code !== "KUBERNETES_REFUSED") return undefined;
  return {
    code: "APPLY_FAILED",
    message: `Cannot apply "${what}" as the cluster refuses: ${said}`,
    fix: `pd cluster check -n ${namespace}`,
  };
}

/** A namespace that is not there, and the command that makes it. */
export function missingNamespace(namespace: string): ApplyFailure {
  return {
    code: "NAMESPACE_MISSING",
    message: `Cannot use the namespace "${namespace}" as it must exist: the cluster has none`,
    fix: `pd cluster check --fix -n ${namespace}`,
  };
}

function withoutValues({ causes, status }: KubernetesError): string {
  const fields = causes.flatMap(({ field }) => field ?? []);
  return fields.length > 0 ? fields.join(", ") : `status ${status}, its content is not shown`;
}

/** Without "failed to create typed patch object (…):" and the like. */
function afterPreamble(said: string): string {
  return said
    .replace(/^failed to create typed patch object \([^)]*\): /, "")
    .replace(/^failed to convert new object \([^)]*\) to proper version: /, "")
    .replace(/^unable to convert unstructured object to \S+ Kind=\S+: /, "");
}
