import { delimiter, join } from "node:path";

/** The first of `names` that is an executable file on `PATH`, as an absolute path. */
export async function findProgram(
  names: readonly string[],
  env: (name: string) => string | undefined,
): Promise<string | undefined> {
  const folders = (env("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of names) {
    if (name.includes("/")) {
      if (await isExecutable(name)) return name;
      continue;
    }
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false;
  }
}
