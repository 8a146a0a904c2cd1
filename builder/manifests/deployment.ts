import { formatBytes } from "../../engine/units/mod.ts";
import { MOUNTED_SECRETS } from "../../engine/context/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import type { DeploymentManifest, Metadata, PodSpec, Probe } from "./manifest.ts";
import { podLabels, secretName, selectorOf, versionLabel } from "./names.ts";
import { LOCKED, podIdentity } from "./pod_parts.ts";
import { PORT, PORT_NAME } from "./service.ts";

/** What the pod of an engine depends on besides its workflow. */
export interface DeploymentParts {
  readonly metadata: Metadata;
  readonly image: string;
  readonly contentHash: string;
  /** `""` for none. */
  readonly runtimeClass: string;
}

const MEBIBYTE = 1024 ** 2;
/** Enough for an engine with a handful of hosts; idle it takes half of it. */
const USUAL_MEMORY = 256 * MEBIBYTE;
/** What a node may use when its `memory` is not set. */
const NODE_MEMORY = 512 * MEBIBYTE;
const ENGINE_MEMORY = 128 * MEBIBYTE;
const GRACE_SECONDS = 30;
/** Octal 0440. */
const SECRET_MODE = 0o440;

/** The engine of a workflow: one pod, replaced without a gap. */
export function deployment(spec: WorkflowSpec, parts: DeploymentParts): DeploymentManifest {
  const version = versionLabel(spec.version);
  const { metadata } = parts;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels: { ...metadata.labels, ...version } },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 300,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: selectorOf(spec.name, "engine") },
      template: {
        metadata: {
          labels: { ...podLabels(spec.name, "engine"), ...version },
          annotations: { "pipedreamer.dev/content-hash": parts.contentHash },
        },
        spec: enginePod(spec, parts),
      },
    },
  };
}

function enginePod(spec: WorkflowSpec, { image, runtimeClass }: DeploymentParts): PodSpec {
  return {
    ...(runtimeClass === "" ? {} : { runtimeClassName: runtimeClass }),
    serviceAccountName: spec.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: podIdentity({ fsGroup: true }),
    containers: [{
      name: "engine",
      image,
      imagePullPolicy: "IfNotPresent",
      ports: [{ name: PORT_NAME, containerPort: PORT, protocol: "TCP" }],
      securityContext: LOCKED,
      resources: {
        requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
        limits: { cpu: "1", memory: memoryLimit(spec), "ephemeral-storage": "128Mi" },
      },
      startupProbe: probe({ periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 }),
      readinessProbe: probe({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 }),
      livenessProbe: probe({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
      volumeMounts: [
        { name: "tmp", mountPath: "/tmp" },
        { name: "secrets", mountPath: MOUNTED_SECRETS, readOnly: true },
      ],
    }],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      {
        name: "secrets",
        secret: { secretName: secretName(spec.name), optional: true, defaultMode: SECRET_MODE },
      },
    ],
  };
}

function probe(timing: Omit<Probe, "httpGet">): Probe {
  return { httpGet: { path: "/health", port: PORT_NAME }, ...timing };
}

/** A node that asks for more than nodes usually get is to find it, and the engine beside it. */
function memoryLimit({ nodes }: WorkflowSpec): string {
  const asked = nodes.map((node) => node.kind === "code" ? node.memoryBytes : 0);
  const most = Math.max(0, ...asked);
  if (most <= NODE_MEMORY) return formatBytes(USUAL_MEMORY);
  return `${Math.ceil((most + ENGINE_MEMORY) / MEBIBYTE)}Mi`;
}
