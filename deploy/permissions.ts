import { KubernetesError } from "../engine/kubernetes/mod.ts";
import type { ClusterCheck } from "./check_cluster.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";

/** A right, as RBAC has it. */
interface Permission {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
}

const CHANGE = ["create", "patch", "delete"];

/** Rights by what they are for: the minimal ones that a real cluster let each of them pass with. */
const OPERATIONS: readonly (readonly [name: string, permissions: readonly Permission[]])[] = [
  ["deploy", [
    ...CHANGE.flatMap((verb) => [
      { verb, resource: "serviceaccounts" },
      { verb, resource: "services" },
      { verb, group: "apps", resource: "deployments" },
      { verb, group: "batch", resource: "cronjobs" },
      { verb, group: "networking.k8s.io", resource: "networkpolicies" },
    ]),
    ...["get", "list", "watch"].map((verb) => ({ verb, group: "apps", resource: "deployments" })),
    { verb: "list", resource: "pods" },
    { verb: "list", resource: "events" },
    { verb: "list", group: "batch", resource: "cronjobs" },
  ]],
  ["secrets", CHANGE.map((verb) => ({ verb, resource: "secrets" }))],
  ["run", [{ verb: "create", resource: "services", subresource: "proxy" }]],
  ["logs", [{ verb: "get", resource: "pods", subresource: "log" }]],
  ["status", [
    { verb: "list", group: "batch", resource: "jobs" },
    { verb: "list", group: "apps", resource: "replicasets" },
  ]],
];

/** Whether who asks may do what each operation needs, in one line for each. */
export async function checkPermissions(operation: Operation): Promise<readonly ClusterCheck[]> {
  return await Promise.all(OPERATIONS.map(async ([name, permissions]): Promise<ClusterCheck> => {
    try {
      const answers = await Promise.all(
        permissions.map((permission) => isAllowed(operation, permission)),
      );
      return judge(name, permissions.filter((_, index) => !answers[index]), operation.namespace);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      return {
        name: `right to ${name}`,
        status: "failed",
        message: error.message,
        fix: error.fix ?? "kubectl auth can-i --list",
      };
    }
  }));
}

async function isAllowed(
  { client, namespace, signal }: Operation,
  { verb, group, resource, subresource }: Permission,
): Promise<boolean> {
  const { status } = await client.ask<{ readonly status?: { readonly allowed?: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    json: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {
        resourceAttributes: {
          namespace,
          verb,
          ...group === undefined ? {} : { group },
          resource,
          ...subresource === undefined ? {} : { subresource },
        },
      },
    },
    timeoutMs: ANSWER_MS,
    signal,
  });
  return status?.allowed ?? false;
}

function judge(name: string, missing: readonly Permission[], namespace: string): ClusterCheck {
  if (missing.length === 0) {
    return { name: `right to ${name}`, status: "ok", message: "all are there", fix: undefined };
  }
  const byResource = new Map<string, string[]>();
  for (const { verb, group, resource, subresource } of missing) {
    const full = `${resource}${group === undefined ? "" : `.${group}`}${
      subresource === undefined ? "" : `/${subresource}`
    }`;
    byResource.set(full, [...byResource.get(full) ?? [], verb]);
  }
  const [first = ["", []] as const] = byResource;
  return {
    name: `right to ${name}`,
    status: "failed",
    message: `missing: ${
      [...byResource].map(([resource, verbs]) => `${verbs.join(", ")} ${resource}`).join("; ")
    }`,
    fix: byResource.size > 1
      ? `kubectl apply -n ${namespace} -f deploy/rbac/`
      : `kubectl create role pd-${name} -n ${namespace} --verb=${first[1].join(",")} --resource=${
        first[0]
      } && kubectl create rolebinding pd-${name} -n ${namespace} --role=pd-${name} --user="$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')"`,
  };
}
