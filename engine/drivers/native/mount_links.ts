import { DriverError } from "../driver_error.ts";

/** How many tasks use a symlink at this moment, by its path. */
const users = new Map<string, number>();

/** The symlinks in a workspace that stand for the mounts below it, while at least one task uses them. */
export class MountLinks {
  readonly #paths: string[] = [];

  /** Makes them, `links` being path in the workspace → folder; all or none. */
  static async make(root: string, links: ReadonlyMap<string, string>): Promise<MountLinks> {
    const made = new MountLinks();
    try {
      // Outer ones first: one mount may lie in another.
      for (const [path, folder] of [...links].sort(([a], [b]) => a.length - b.length)) {
        await checkWay(root, path, links);
        await made.#add(`${root}/${path}`, folder);
      }
    } catch (error) {
      await made.remove();
      throw error;
    }
    return made;
  }

  /** Takes away those that nobody else uses. */
  async remove(): Promise<void> {
    for (const path of this.#paths.splice(0)) {
      const left = (users.get(path) ?? 1) - 1;
      if (left > 0) {
        users.set(path, left);
        continue;
      }
      users.delete(path);
      // The program may have put something else in its place.
      const info = await Deno.lstat(path).catch(() => undefined);
      if (info?.isSymlink) await Deno.remove(path).catch(() => {});
    }
  }

  async #add(path: string, folder: string): Promise<void> {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    try {
      await Deno.symlink(folder, path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      await this.#take(path, folder);
    }
    users.set(path, (users.get(path) ?? 0) + 1);
    this.#paths.push(path);
  }

  /** What is there may be the same mount of another task, or an empty folder that marks the place. */
  async #take(path: string, folder: string): Promise<void> {
    const info = await Deno.lstat(path);
    if (info.isSymlink && await Deno.readLink(path) === folder) return;
    try {
      // Fails unless it is empty.
      if (info.isDirectory) await Deno.remove(path);
      await Deno.symlink(folder, path);
    } catch (cause) {
      throw new DriverError(
        "TASK_INVALID",
        `Cannot mount at "${path}" as the place must be free on driver "native": something is there`,
        { fix: "Mount it where the workspace has nothing", cause },
      );
    }
  }
}

/** What a step may have put into its workspace does not lead a later mount out of it. */
async function checkWay(
  root: string,
  path: string,
  links: ReadonlyMap<string, string>,
): Promise<void> {
  const parts = path.split("/");
  for (let count = 1; count < parts.length; count++) {
    const way = parts.slice(0, count).join("/");
    const info = await Deno.lstat(`${root}/${way}`).catch(() => undefined);
    if (info === undefined) return;
    if (info.isDirectory || (info.isSymlink && links.has(way))) continue;
    throw new DriverError(
      "TASK_INVALID",
      `Cannot mount at "${path}" as folders of the workspace lead there: "${way}" is none`,
      { fix: "Mount it where the workspace has nothing" },
    );
  }
}
