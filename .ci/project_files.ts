/**
 * Every file of the project but what `.gitignore` names, as paths relative to `root` with `/` between
 * their parts, sorted. Symbolic links are left out: what they point to has a path of its own.
 */
export async function projectFiles(root: string): Promise<string[]> {
  const ignored = await readIgnored(root);
  const found: string[] = [];
  await walk("");
  return found.sort();

  async function walk(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(`${root}/${folder}`)) {
      if (ignored(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory) await walk(path);
      else if (entry.isFile) found.push(path);
    }
  }
}

/** `.gitignore` holds plain names here, `*` allowed, so that no more than this is needed to read it. */
async function readIgnored(root: string): Promise<(name: string) => boolean> {
  const text = await Deno.readTextFile(`${root}/.gitignore`).catch(() => "");
  const patterns = [".git", ...text.split("\n").map((line) => line.trim())]
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/^\//, "").replace(/\/$/, ""));
  const expressions = patterns.map((pattern) =>
    new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`)
  );
  return (name) => expressions.some((expression) => expression.test(name));
}

/** True for files that stand in for a user's: fixtures, broken on purpose as often as not. */
export function isTestdata(path: string): boolean {
  return /(^|\/)(testdata|__snapshots__)\//.test(path);
}

/** True for TypeScript that the project's own rules apply to. */
export function isSource(path: string): boolean {
  return /\.tsx?$/.test(path) && !isTestdata(path);
}

/** True for pages that readers find: everything in Markdown but process papers of single changes. */
export function isPage(path: string): boolean {
  return path.endsWith(".md") && !isTestdata(path) && !path.startsWith("openspec/");
}
