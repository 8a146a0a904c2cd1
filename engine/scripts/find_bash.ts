const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Where bash is, so that a task which sets a PATH of its own still has one; its name alone when it is nowhere. */
export async function findBash(path: string = USUAL_PATH): Promise<string> {
  for (const dir of path.split(":")) {
    if (!dir.startsWith("/")) continue;
    const file = `${dir}/bash`;
    if ((await Deno.stat(file).catch(() => undefined))?.isFile) return file;
  }
  return "bash";
}
