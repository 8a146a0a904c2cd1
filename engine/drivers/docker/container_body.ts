import { type ContainerSpec, WORKSPACE_PATH } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import type { Labels } from "./labels.ts";

/**
 * Processes and threads of a container that names no limit, as Podman has it: without one a fork bomb takes the
 * machine down, with every other step on it.
 */
const DEFAULT_PIDS = 2048;

/** What a container does, besides what tasks and sandboxes have in common. */
export interface ContainerRole {
  readonly labels: Labels;
  /** In place of the image's entry point. */
  readonly command: readonly string[] | undefined;
  readonly hasStdin: boolean;
}

/**
 * The body of `POST /containers/create`. An init process reaps and passes signals on, so that a program need
 * not know how to be process 1, and one that a signal ends exits with 128 + n. Nothing is logged by the
 * daemon: output is taken as it is written.
 *
 * @throws {DriverError} `TASK_INVALID`
 */
export function containerBody(spec: ContainerSpec, role: ContainerRole): unknown {
  const { command } = role;
  if (command !== undefined && !command[0]) {
    throw new DriverError(
      "TASK_INVALID",
      `Cannot run "${spec.name}" as its command names no program`,
    );
  }
  const { cpu, memoryBytes, pids } = spec.limits;
  return {
    Image: imageOf(spec),
    ...command === undefined ? {} : { Entrypoint: command.slice(0, 1), Cmd: command.slice(1) },
    Env: envList(spec.env),
    WorkingDir: workDirOf(spec) ?? "",
    User: spec.user ?? "",
    Labels: role.labels,
    AttachStdin: role.hasStdin,
    OpenStdin: role.hasStdin,
    StdinOnce: role.hasStdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      Init: true,
      LogConfig: { Type: "none" },
      Privileged: spec.privileged,
      ...cpu === undefined ? {} : { NanoCpus: Math.round(cpu * 1e9) },
      // No swap on top: a limit that only slows a program down would not be one.
      ...memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes },
      PidsLimit: pids ?? DEFAULT_PIDS,
      Mounts: spec.mounts.map(({ volume, path, readOnly }) => ({
        Type: "volume",
        Source: volume.id,
        Target: path,
        ReadOnly: readOnly,
        // What the image has at that path stays out: a new volume is empty.
        VolumeOptions: { NoCopy: true },
      })),
    },
  };
}

/**
 * The image of a container.
 *
 * @throws {DriverError} `TASK_INVALID` when there is none
 */
export function imageOf(spec: ContainerSpec): string {
  if (spec.image) return spec.image;
  throw new DriverError("TASK_INVALID", `Cannot run "${spec.name}" as it has no image`, {
    fix: 'image: "docker.io/library/alpine:3", or --driver native',
  });
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

/** Variables as the daemon takes them. */
export function envList(env: { readonly [name: string]: string }): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
