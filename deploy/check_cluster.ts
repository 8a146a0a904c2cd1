import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { createNamespace, ENFORCE } from "./create_namespace.ts";
import type { KubernetesObject } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { checkPermissions } from "./permissions.ts";

/** One thing that deploying needs. */
export interface ClusterCheck {
  readonly name: string;
  /** Failed ones keep a deploy from working, warnings do not. */
  readonly status: "ok" | "warning" | "failed" | "fixed";
  readonly message: string;
  /** What to do about it; always there when it is not ok. */
  readonly fix: string | undefined;
}

/** What is checked. */
export interface CheckOptions {
  /** `""` for none. */
  readonly runtimeClass: string;
  /** Creates the namespace when there is none. */
  readonly fix: boolean;
}

/** The first with everything that is used here: CronJob time zones, server-side apply, WebSocket streams. */
const OLDEST_MINOR = 30;

/** Whether a workflow can be deployed. Never throws for a cluster that cannot be asked: that is a failed check. */
export async function checkCluster(
  operation: Operation,
  options: CheckOptions,
): Promise<readonly ClusterCheck[]> {
  const reached = await checkVersion(operation);
  if (reached.status === "failed") return [reached];
  const namespace = await checkNamespace(operation, options.fix);
  const isThere = namespace[0]?.status !== "failed";
  const [runtimeClass, permissions] = await Promise.all([
    checkRuntimeClass(operation, options.runtimeClass),
    isThere ? checkPermissions(operation) : [],
  ]);
  return [reached, ...namespace, runtimeClass, ...permissions];
}

async function checkVersion({ client, signal }: Operation): Promise<ClusterCheck> {
  const { name, server } = client.cluster;
  try {
    const { gitVersion = "", minor = "" } = await client.ask<
      { readonly gitVersion?: string; readonly minor?: string }
    >({ method: "GET", path: "/version", timeoutMs: ANSWER_MS, signal });
    const isOld = parseInt(minor) < OLDEST_MINOR;
    return {
      name: "API server",
      status: isOld ? "warning" : "ok",
      message: `${name} at ${server} is Kubernetes ${gitVersion}`,
      fix: isOld ? `kubeadm upgrade plan: version 1.${OLDEST_MINOR} or newer is tested` : undefined,
    };
  } catch (error) {
    signal?.throwIfAborted();
    return failed("API server", error, "kubectl cluster-info");
  }
}

async function checkNamespace(
  operation: Operation,
  fix: boolean,
): Promise<readonly ClusterCheck[]> {
  const { client, namespace, signal } = operation;
  try {
    const found = await client.ask<KubernetesObject & { status?: { phase?: string } }>({
      method: "GET",
      path: `/api/v1/namespaces/${namespace}`,
      timeoutMs: ANSWER_MS,
      signal,
    });
    if (found.status?.phase === "Terminating") {
      return [{
        name: "namespace",
        status: "failed",
        message: `"${namespace}" is being deleted`,
        fix: `kubectl wait --for=delete namespace/${namespace}`,
      }];
    }
    return [
      { name: "namespace", status: "ok", message: `"${namespace}" is there`, fix: undefined },
      podSecurity(found, namespace),
    ];
  } catch (error) {
    signal?.throwIfAborted();
    const isMissing = error instanceof KubernetesError && error.status === 404;
    if (!isMissing) return [failed("namespace", error, `kubectl get namespace ${namespace}`)];
    if (!fix) {
      return [{
        name: "namespace",
        status: "failed",
        message: `"${namespace}" is not there`,
        fix: `pd cluster check --fix -n ${namespace}`,
      }];
    }
  }
  try {
    await createNamespace(operation);
  } catch (error) {
    signal?.throwIfAborted();
    return [failed("namespace", error, `kubectl create namespace ${namespace}`)];
  }
  return [{
    name: "namespace",
    status: "fixed",
    message: `"${namespace}" was created, with the pod security level "restricted"`,
    fix: undefined,
  }];
}

/** What is deployed passes the strictest level; a namespace that enforces it refuses everything else, too. */
function podSecurity({ metadata }: KubernetesObject, namespace: string): ClusterCheck {
  const level = metadata.labels?.[ENFORCE];
  return {
    name: "pod security",
    status: level === "restricted" ? "ok" : "warning",
    message: level === undefined
      ? `"${namespace}" enforces no pod security level`
      : `"${namespace}" enforces the pod security level "${level}"`,
    fix: level === "restricted"
      ? undefined
      : `kubectl label namespace ${namespace} ${ENFORCE}=restricted --overwrite`,
  };
}

/** Its absence is a warning: a deploy may do without. */
async function checkRuntimeClass(
  { client, signal }: Operation,
  name: string,
): Promise<ClusterCheck> {
  if (name === "") {
    return {
      name: "RuntimeClass",
      status: "warning",
      message: "none is asked for: pods share the kernel of their node",
      fix: "pd cluster check --runtime-class gvisor",
    };
  }
  try {
    const { handler = "" } = await client.ask<{ readonly handler?: string }>({
      method: "GET",
      path: `/apis/node.k8s.io/v1/runtimeclasses/${name}`,
      timeoutMs: ANSWER_MS,
      signal,
    });
    return {
      name: "RuntimeClass",
      status: "ok",
      message: `"${name}" is there, with the handler "${handler}"`,
      fix: undefined,
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof KubernetesError)) throw error;
    const isMissing = error.status === 404;
    return {
      name: "RuntimeClass",
      status: "warning",
      message: isMissing
        ? `"${name}" is not there`
        : `"${name}" cannot be looked for: ${error.said}`,
      fix: isMissing
        ? 'Install it as deploy/gvisor/README.md says, or: pd deploy . --runtime-class ""'
        : error.fix ?? `kubectl get runtimeclass ${name}`,
    };
  }
}

function failed(name: string, error: unknown, fix: string): ClusterCheck {
  if (!(error instanceof KubernetesError)) throw error;
  return { name, status: "failed", message: error.message, fix: error.fix ?? fix };
}
