import { type ContainerSpec, WORKSPACE_PATH } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { GAPS } from "./capabilities.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { type Marks, runLabel } from "./labels.ts";
import { NUMERIC_USER } from "./settings.ts";
import { FILES_PATH } from "./task_files.ts";

/** The one container of a pod. */
export const CONTAINER = "main";
/** Which rules a pod is made for (Pod Security Standards). */
export type Posture = "baseline" | "restricted";

/** What a pod does, besides what tasks and sandboxes have in common. */
export interface PodRole {
  readonly podName: string;
  readonly marks: Required<Marks>;
  /** In place of the image's entry point; the image's own when undefined. */
  readonly command: readonly string[] | undefined;
  /** Set in the pod; those of commands that are run in it travel with them. */
  readonly hasEnv: boolean;
  readonly graceSeconds: number;
  readonly posture: Posture;
}

const PULL_POLICIES = { always: "Always", missing: "IfNotPresent", never: "Never" } as const;

/**
 * The body of a pod that runs once, has no token of the cluster and is ended by that after its lifetime.
 *
 * @throws {DriverError} `TASK_INVALID`, `NOT_SUPPORTED`
 */
export async function podBody(
  context: KubernetesContext,
  spec: ContainerSpec,
  role: PodRole,
): Promise<unknown> {
  const { settings } = context;
  const { serviceAccount, runtimeClass, lifetimeHours } = settings;
  const user = userOf(spec, settings.runAs);
  const volumes = [...new Map(spec.mounts.map(({ volume }) => [volume.id, volume])).keys()];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: role.podName, ...role.marks },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      activeDeadlineSeconds: Math.round(lifetimeHours * 3600),
      terminationGracePeriodSeconds: role.graceSeconds,
      ...serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount },
      ...runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass },
      ...settings.access === "ReadWriteOnce" && volumes.length > 0
        ? { affinity: await besideItsRun(spec.runId) }
        : {},
      securityContext: {
        seccompProfile: spec.privileged ? undefined : { type: "RuntimeDefault" },
        ...user?.gid === undefined
          ? {}
          : { fsGroup: user.gid, fsGroupChangePolicy: "OnRootMismatch" },
      },
      containers: [{
        name: CONTAINER,
        image: imageOf(spec),
        imagePullPolicy: PULL_POLICIES[spec.pull],
        ...role.command === undefined ? {} : { command: role.command },
        ...role.hasEnv
          ? { env: Object.entries(spec.env).map(([name, value]) => ({ name, value: raw(value) })) }
          : {},
        ...role.hasEnv && workDirOf(spec) !== undefined ? { workingDir: workDirOf(spec) } : {},
        ...resourcesOf(spec),
        securityContext: securityOf(spec, role.posture, user),
        volumeMounts: [
          { name: "files", mountPath: FILES_PATH },
          // The outer before the inner, whatever the node's order is.
          ...spec.mounts.toSorted((a, b) => a.path.length - b.path.length).map((mount) => ({
            name: `v${volumes.indexOf(mount.volume.id)}`,
            mountPath: mount.path,
            readOnly: mount.readOnly,
          })),
        ],
      }],
      volumes: [
        { name: "files", emptyDir: {} },
        ...volumes.map((claimName, index) => ({
          name: `v${index}`,
          persistentVolumeClaim: { claimName },
        })),
      ],
    },
  };
}

/** Where commands start: what is asked, seen from the workspace; the workspace; else the image says. */
export function workDirOf(
  { workDir, mounts }: Pick<ContainerSpec, "workDir" | "mounts">,
): string | undefined {
  if (workDir === undefined) {
    return mounts.some(({ path }) => path === WORKSPACE_PATH) ? WORKSPACE_PATH : undefined;
  }
  return absoluteDir(workDir);
}

/** A folder in a container: relative ones are below the workspace. */
export function absoluteDir(dir: string): string {
  return dir.startsWith("/") ? dir : `${WORKSPACE_PATH}/${dir}`;
}

/** The image of a container. */
function imageOf(spec: ContainerSpec): string {
  if (spec.image) return spec.image;
  throw new DriverError("TASK_INVALID", `Cannot run "${spec.name}" as it has no image`, {
    fix: 'image: "docker.io/library/alpine:3", or --driver native',
  });
}

/** A `$(NAME)` would be replaced by the kubelet. */
function raw(value: string): string {
  return value.replaceAll("$(", "$$(");
}

interface User {
  readonly uid: number;
  readonly gid: number | undefined;
}

function userOf(spec: ContainerSpec, runAs: string | undefined): User | undefined {
  const user = spec.user ?? runAs;
  if (user === undefined) return undefined;
  if (!NUMERIC_USER.test(user)) {
    throw new DriverError(
      "NOT_SUPPORTED",
      `Cannot run "${spec.name}" as user "${user}" as pods take numbers: it is a name`,
      { fix: 'user: "1000:1000"' },
    );
  }
  const [uid, gid] = user.split(":").map(Number);
  return { uid: uid ?? 0, gid };
}

function securityOf(spec: ContainerSpec, posture: Posture, user: User | undefined): unknown {
  const who = user === undefined
    ? {}
    : { runAsUser: user.uid, ...user.gid === undefined ? {} : { runAsGroup: user.gid } };
  if (spec.privileged) return { privileged: true, ...who };
  const isRoot = user === undefined ? posture === "baseline" : user.uid === 0;
  return {
    ...who,
    allowPrivilegeEscalation: false,
    // A root of its container, such as that of a package manager, needs a few of them.
    ...isRoot ? {} : { runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
  };
}

function resourcesOf({ name, limits: { cpu, memoryBytes, pids } }: ContainerSpec): object {
  if (pids !== undefined) {
    throw new DriverError(
      "NOT_SUPPORTED",
      `Cannot run "${name}" as ${GAPS.processLimit}; it asks for limits.pids`,
      { fix: "Leave out limits.pids, or --driver docker" },
    );
  }
  if (cpu === undefined && memoryBytes === undefined) return {};
  return {
    resources: {
      limits: {
        ...cpu === undefined ? {} : { cpu: `${Math.max(1, Math.round(cpu * 1000))}m` },
        ...memoryBytes === undefined ? {} : { memory: `${memoryBytes}` },
      },
    },
  };
}

/** A volume that one node at a time may use: what uses it goes to the node of the first. */
async function besideItsRun(runId: string): Promise<unknown> {
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{
        labelSelector: { matchLabels: await runLabel(runId) },
        topologyKey: "kubernetes.io/hostname",
      }],
    },
  };
}
