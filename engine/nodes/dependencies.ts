import { CodedError } from "../errors/mod.ts";

const SPECIFIER = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/** The files of a workflow's code, as far as their imports can be read. */
export interface ModuleGraph {
  /** The modules, and every file that they import by a relative path. */
  readonly files: readonly string[];
  /** Whether any of them names a package. */
  readonly needsPackages: boolean;
}

/** Follows relative imports. A specifier that is computed at run time is not seen. */
export async function readModules(modulePaths: readonly string[]): Promise<ModuleGraph> {
  const files = new Set(modulePaths);
  let needsPackages = false;
  for (const path of files) {
    const text = await Deno.readTextFile(path).catch(() => "");
    for (const [, specifier = ""] of text.matchAll(SPECIFIER)) {
      if (/^\.{0,2}\//.test(specifier)) {
        files.add(decodeURIComponent(new URL(specifier, `file://${encodeURI(path)}`).pathname));
      } else if (specifier !== "pipedreamer" && !/^(?:node|data|file):/.test(specifier)) {
        needsPackages = true;
      }
    }
  }
  return { files: [...files], needsPackages };
}

/** Equal as long as none of the files was written, replaced or removed. */
export async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = files.map((file) =>
    Deno.stat(file).then(
      ({ ino, size, mtime }) => `${ino}:${size}:${mtime?.getTime()}`,
      () => "-",
    )
  );
  return (await Promise.all(stamps)).join();
}

/**
 * Fills the module cache with the packages of a workflow, as hosts start without network access for
 * modules. A module that is wrong in other ways is left to the host, which says so better.
 *
 * @throws {CodedError} `DEPENDENCY_UNAVAILABLE` with what the runtime said
 */
export async function fillCache(configPath: string, modulePaths: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-lock", `--config=${configPath}`, ...modulePaths],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "";
  throw new CodedError(
    "DEPENDENCY_UNAVAILABLE",
    `Cannot load the workflow's packages as its imports name them: ${said.replace(/^error: /, "")}`,
    {
      fix: "Check the package names and versions in the imports and in deno.json, and the network",
    },
  );
}
