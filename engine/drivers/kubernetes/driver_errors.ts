import { KubernetesError } from "../../kubernetes/mod.ts";
import type { ContainerSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";

/** An error of the cluster as one of the driver; anything else as it is. */
export function driverError(error: unknown): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const { fix, message } = error;
  const code = error.code === "KUBERNETES_CONFIG_INVALID" ? "DRIVER_INVALID" : "DRIVER_UNAVAILABLE";
  return new DriverError(code, message, { cause: error, ...fix === undefined ? {} : { fix } });
}

/** Why the cluster does not take a pod: the reason, and what helps. */
export function refusedPod(spec: Pick<ContainerSpec, "name" | "image">, error: unknown): unknown {
  if (!(error instanceof KubernetesError) || error.code !== "KUBERNETES_REFUSED") {
    return driverError(error);
  }
  const { said, status } = error;
  if (status === 404 && /namespaces? /.test(said)) {
    const namespace = /"([^"]+)"/.exec(said)?.[1] ?? "NAME";
    return new DriverError("DRIVER_UNAVAILABLE", `Cannot run "${spec.name}" as ${said}`, {
      fix: `kubectl create namespace ${namespace}, or k8s://?namespace=…`,
      cause: error,
    });
  }
  return new DriverError(
    "TASK_INVALID",
    `Cannot run "${spec.name}" as the cluster refuses its pod: ${said}`,
    { fix: fixOf(said), cause: error },
  );
}

/** Whether it is the namespace's Pod Security level that refuses. */
export function isPodSecurity(error: unknown): boolean {
  return error instanceof KubernetesError && /violates PodSecurity/.test(error.said);
}

function fixOf(said: string): string {
  if (/violates PodSecurity/.test(said)) {
    return /privileged/.test(said)
      ? "kubectl label namespace NAME pod-security.kubernetes.io/enforce=privileged --overwrite, or a step that is not privileged"
      : 'user: "65534:65534", or k8s://?run_as=65534:65534';
  }
  if (/exceeded quota/.test(said)) return "kubectl describe resourcequota, or smaller limits";
  if (/must specify (limits|requests)|failed quota/.test(said)) {
    return "limits: { cpu: 1, memory: 512Mi }";
  }
  if (/RuntimeClass/.test(said)) return "kubectl get runtimeclass, or k8s:// without runtime_class";
  if (/service account/.test(said)) {
    return "kubectl get serviceaccount, or k8s://?service_account=…";
  }
  return "kubectl get events --sort-by=.lastTimestamp";
}
