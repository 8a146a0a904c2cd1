import type { Manifest, PodSpec } from "./mod.ts";

/** Kinds of volumes that Pod Security `restricted` lets through. */
const VOLUMES = [
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"],
  ...["projected", "secret"],
];
const HOST_FIELDS = ["hostNetwork", "hostPID", "hostIPC", "hostUsers"];

/** Where a pod template lies in an object, if it has one. */
export function podOf(manifest: Manifest): PodSpec | undefined {
  if (manifest.kind === "Deployment") return manifest.spec.template.spec;
  if (manifest.kind === "CronJob") return manifest.spec.jobTemplate.spec.template.spec;
  return undefined;
}

/**
 * What in a pod breaks Pod Security `restricted` (https://kubernetes.io/docs/concepts/security/pod-security-standards/),
 * or our own rules, which that level neither asks for nor warns of.
 */
export function policyProblems(pod: PodSpec, runtimeClass: string | undefined): readonly string[] {
  return [...restricted(pod), ...own(pod, runtimeClass)];
}

type Json = { readonly [key: string]: unknown };

function restricted(pod: PodSpec): string[] {
  const problems: string[] = [];
  const loose = pod as unknown as Json;
  for (const field of HOST_FIELDS) if (field in loose) problems.push(`${field} is set`);
  for (const volume of pod.volumes ?? []) {
    const kind = Object.keys(volume).find((key) => key !== "name") ?? "";
    if (!VOLUMES.includes(kind)) problems.push(`volume ${volume.name} is a ${kind}`);
  }
  const { securityContext: identity } = pod;
  if (identity.runAsNonRoot !== true) problems.push("runAsNonRoot is not true");
  if (identity.runAsUser === 0) problems.push("runAsUser is 0");
  if (!["RuntimeDefault", "Localhost"].includes(identity.seccompProfile.type)) {
    problems.push("seccompProfile is unconfined");
  }
  for (const field of ["sysctls", "seLinuxOptions", "windowsOptions", "appArmorProfile"]) {
    if (field in identity) problems.push(`${field} is set`);
  }
  const others = [
    ...loose["initContainers"] as [] ?? [],
    ...loose["ephemeralContainers"] as [] ?? [],
  ];
  for (const container of [...pod.containers, ...others]) {
    const security: Json = container.securityContext;
    if (security["allowPrivilegeEscalation"] !== false) problems.push("may escalate");
    if (security["privileged"] === true) problems.push("is privileged");
    if (security["procMount"] !== undefined) problems.push("has a procMount");
    if (JSON.stringify(security["capabilities"]) !== '{"drop":["ALL"]}') {
      problems.push("keeps capabilities");
    }
    if (container.ports?.some((port) => "hostPort" in port)) problems.push("has a hostPort");
  }
  return problems;
}

function own(pod: PodSpec, runtimeClass: string | undefined): string[] {
  const problems: string[] = [];
  if (pod.runtimeClassName !== runtimeClass) problems.push(`runtime class ${pod.runtimeClassName}`);
  if (pod.automountServiceAccountToken !== false) problems.push("mounts a token");
  if (pod.enableServiceLinks !== false) problems.push("is told of every Service");
  for (const container of pod.containers) {
    if (container.securityContext.readOnlyRootFilesystem !== true) problems.push("may write /");
    for (const resource of ["cpu", "memory"]) {
      if (!container.resources.requests[resource]) problems.push(`requests no ${resource}`);
      if (!container.resources.limits[resource]) problems.push(`has no limit of ${resource}`);
    }
    for (const { mountPath, readOnly } of container.volumeMounts ?? []) {
      if (mountPath !== "/tmp" && readOnly !== true) problems.push(`may write ${mountPath}`);
    }
  }
  return problems;
}
