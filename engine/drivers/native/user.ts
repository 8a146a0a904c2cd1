import { DriverError } from "../driver_error.ts";
import type { RunDir } from "./volumes.ts";

type Env = (name: string) => string | undefined;

/** Whether programs can be started as somebody else. */
export function canSwitchUser(env: Env): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0 && setprivPath(env) !== undefined;
}

/** What goes in front of a command so that it runs as that user: nothing for who we are. */
export async function switchUser(user: string, env: Env): Promise<readonly string[]> {
  const [name = "", group] = user.split(":", 2);
  const passwd = await Deno.readTextFile("/etc/passwd").catch(() => "");
  const entry = passwd.split("\n").map((line) => line.split(":")).find((fields) =>
    fields[0] === name || fields[2] === name
  );
  const uid = entry?.[2] ?? name;
  if (uid === String(Deno.uid()) && group === undefined) return [];
  const setpriv = canSwitchUser(env) ? setprivPath(env) : undefined;
  if (setpriv === undefined) {
    throw new DriverError(
      "NOT_SUPPORTED",
      `Cannot run as user "${user}" as only root may switch users on driver "native"`,
      { fix: "Remove user, or run the step on --driver docker" },
    );
  }
  if (!/^\d+$/.test(uid)) {
    throw new DriverError(
      "TASK_INVALID",
      `Cannot run as user "${user}" as this machine has no user of that name`,
      { fix: "user: 1000:1000" },
    );
  }
  const gid = group ?? entry?.[3] ?? uid;
  const groups = entry?.[0] === undefined ? ["--clear-groups"] : ["--init-groups"];
  return [setpriv, "--reuid", uid, "--regid", gid, ...groups, "--"];
}

/**
 * Lets another user into the folders that a step sees; the names above them cannot be guessed.
 *
 * @throws {DriverError} `TASK_INVALID` when a folder above them keeps others out
 */
export async function admitUser(run: RunDir, folders: readonly string[]): Promise<void> {
  const own = run.path.slice(0, run.path.lastIndexOf("/"));
  const volumes = own.slice(0, own.lastIndexOf("/"));
  await Promise.all([run.path, own, volumes].map((dir) => Deno.chmod(dir, 0o711)));
  await Promise.all([run.home, run.temp, ...folders].map((dir) => Deno.chmod(dir, 0o777)));
  for (let dir = volumes; dir !== ""; dir = dir.slice(0, dir.lastIndexOf("/"))) {
    if (((await Deno.stat(dir)).mode ?? 0) & 0o001) continue;
    throw new DriverError(
      "TASK_INVALID",
      `Cannot run as another user as its folders must be open to it: "${dir}" is closed to others`,
      { fix: `chmod o+x ${dir}` },
    );
  }
}

function setprivPath(env: Env): string | undefined {
  const dirs = (env("PATH") ?? "").split(":").filter((dir) => dir.startsWith("/"));
  return dirs.map((dir) => `${dir}/setpriv`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
