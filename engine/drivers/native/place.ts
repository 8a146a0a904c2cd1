import { type ContainerSpec, type Mount, WORKSPACE_PATH } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { MARKER_VARIABLE } from "./processes.ts";
import { MountLinks } from "./mount_links.ts";
import { admitUser, switchUser } from "./user.ts";
import type { Volumes } from "./volumes.ts";

/** What PATH is where the engine itself has none. */
const FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Where the commands of a task or a sandbox run. */
export interface Place {
  /** The folder of the workspace, or an empty one. */
  readonly root: string;
  readonly env: { readonly [name: string]: string };
  /** What goes in front of commands. */
  readonly prefix: readonly string[];
  /** For what belongs to one task. */
  readonly temp: string;
  /** What every process of it carries. */
  readonly marker: string;
  /** Takes back what was put into the workspace for it. */
  release(): Promise<void>;
}

/** What it takes to make a place. */
export interface PlaceDeps {
  readonly volumes: Volumes;
  readonly env: (name: string) => string | undefined;
}

/**
 * Prepares the folders and the environment of a task or a sandbox. A mount below `/workspace` appears as a
 * symlink in the workspace's folder; others are named by variables only.
 *
 * @throws {DriverError} `NOT_SUPPORTED` or `TASK_INVALID` for what cannot be had on a bare machine
 */
export async function makePlace(
  spec: ContainerSpec & { readonly id: string },
  deps: PlaceDeps,
): Promise<Place> {
  refuseWhatIsMissing(spec);
  const { volumes } = deps;
  const run = await volumes.makeRunDir(spec.runId);
  const workspace = spec.mounts.find(({ path }) => clean(path) === WORKSPACE_PATH);
  const root = workspace === undefined ? run.home : volumes.pathOf(workspace.volume);
  const folders = spec.mounts.map(({ volume }) => volumes.pathOf(volume));
  const prefix = spec.user === undefined ? [] : await switchUser(spec.user, deps.env);
  if (prefix.length > 0) await admitUser(run, folders);
  const links = await MountLinks.make(root, linksOf(spec.mounts, volumes));
  const marker = volumes.markerOf(spec.runId, spec.id);
  const env = {
    PATH: deps.env("PATH") ?? FALLBACK_PATH,
    HOME: run.home,
    TMPDIR: run.temp,
    LANG: "C.UTF-8",
    ...spec.env,
    ...mountVariables(spec.mounts, volumes),
    ...(workspace === undefined ? {} : { PD_WORKSPACE: root }),
    [MARKER_VARIABLE]: marker,
  };
  return { root, env, prefix, temp: run.temp, marker, release: () => links.remove() };
}

/**
 * A path of a step on this machine: what lies below `/workspace` in the workspace's folder, what is relative
 * below `root`, anything else as it is.
 *
 * @throws {DriverError} `TASK_INVALID` for a relative one that leaves `root`
 */
export function hostPath(path: string, root: string): string {
  const full = clean(path.startsWith("/") ? path : `${WORKSPACE_PATH}/${path}`);
  if (full === WORKSPACE_PATH) return root;
  if (full.startsWith(`${WORKSPACE_PATH}/`)) return root + full.slice(WORKSPACE_PATH.length);
  if (path.startsWith("/")) return full;
  throw new DriverError(
    "TASK_INVALID",
    `Cannot start in "${path}" as relative folders lie in the workspace: it leads out of it`,
    { fix: "workdir: a folder below the workspace, or an absolute path" },
  );
}

function refuseWhatIsMissing(spec: ContainerSpec): void {
  const mount = spec.mounts.find(({ readOnly }) => readOnly);
  const problem = spec.privileged
    ? "privileged"
    : Object.values(spec.limits).some((limit) => limit !== undefined)
    ? "limits"
    : mount !== undefined
    ? `read-only mount "${mount.path}"`
    : undefined;
  if (problem !== undefined) {
    throw new DriverError(
      "NOT_SUPPORTED",
      `Cannot run "${spec.name}" as driver "native" does not isolate: it asks for ${problem}`,
      { fix: "--driver docker" },
    );
  }
  for (const { path } of spec.mounts) {
    if (path.startsWith("/") && !path.split("/").includes("..")) continue;
    throw new DriverError(
      "TASK_INVALID",
      `Cannot mount at "${path}" as paths of mounts are absolute and without ".."`,
    );
  }
}

/** Where symlinks go in the workspace: the path in it, and the folder behind it. */
function linksOf(mounts: readonly Mount[], volumes: Volumes): Map<string, string> {
  const links = new Map<string, string>();
  for (const { path, volume } of mounts) {
    const full = clean(path);
    if (!full.startsWith(`${WORKSPACE_PATH}/`)) continue;
    links.set(full.slice(WORKSPACE_PATH.length + 1), volumes.pathOf(volume));
  }
  return links;
}

function mountVariables(mounts: readonly Mount[], volumes: Volumes): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { path, volume } of mounts) {
    if (clean(path) === WORKSPACE_PATH) continue;
    const name = `PD_MOUNT_${volume.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
    const folder = volumes.pathOf(volume);
    if ((variables[name] ?? folder) !== folder) {
      throw new DriverError(
        "TASK_INVALID",
        `Cannot mount volume "${volume.name}" as variables name volumes: another one is ${name}`,
        { fix: "Give the volumes names that differ in letters or digits" },
      );
    }
    variables[name] = folder;
  }
  return variables;
}

/** Without `.`, double slashes and, as far as there is something to leave, `..`. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
