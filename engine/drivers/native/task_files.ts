import type { CollectedFile, TaskFile } from "../driver.ts";
import { DriverError } from "../driver_error.ts";

/** The files of one task, in a folder of its own. */
export interface TaskFiles {
  /** Where each one is. */
  readonly env: { readonly [variable: string]: string };
  /** What the program left in those that are to come back. */
  collect(): Promise<{ readonly [name: string]: CollectedFile }>;
  remove(): Promise<void>;
}

/** Makes a folder below `parent` with the files of a task. Its program may run as anybody. */
export async function makeTaskFiles(
  parent: string,
  files: readonly TaskFile[],
): Promise<TaskFiles> {
  const odd = files.find(({ name }) => !/^(?!\.\.?$)[\w.-]{1,64}$/.test(name));
  if (odd !== undefined) {
    throw new DriverError(
      "TASK_INVALID",
      `Cannot make the file "${odd.name}" as it is no plain name`,
    );
  }
  const dir = await Deno.makeTempDir({ dir: parent, prefix: "task_" });
  // A mode that is given on the way in is cut by the umask.
  await Deno.chmod(dir, 0o777);
  await Promise.all(files.map(async ({ name, content }) => {
    if (content === undefined) return;
    await Deno.writeFile(`${dir}/${name}`, content);
    await Deno.chmod(`${dir}/${name}`, 0o644);
  }));
  return {
    env: Object.fromEntries(files.map(({ variable, name }) => [variable, `${dir}/${name}`])),
    async collect() {
      const found = await Promise.all(files.map(async ({ name, collectBytes }) => {
        if (collectBytes === undefined) return [];
        const file = await collect(`${dir}/${name}`, collectBytes);
        return file === undefined ? [] : [[name, file] as const];
      }));
      return Object.fromEntries(found.flat());
    },
    remove: () => Deno.remove(dir, { recursive: true }),
  };
}

/** The beginning of a file; `undefined` for what is none, such as a symlink to somewhere else. */
async function collect(path: string, maxBytes: number): Promise<CollectedFile | undefined> {
  try {
    if (!(await Deno.lstat(path)).isFile) return undefined;
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, maxBytes));
    let length = 0;
    while (length < bytes.length) {
      const read = await file.read(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return { bytes: bytes.subarray(0, length), isTruncated: size > maxBytes };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
