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
  throw dependencyError(new TextDecoder().decode(stderr));
}

/** What is wrong with a package, and what to do about it, from what `deno cache` printed. */
export function dependencyError(stderr: string): CodedError {
  const [first = "", ...rest] = stderr.trim().split("\n");
  const said = first.replace(/^error: /, "").replace(
    /, run again with the --allow-import flag$/,
    "",
  );
  const place = rest.find((line) => /^\s+at file:/.test(line))?.trim() ?? "";
  return new CodedError(
    "DEPENDENCY_UNAVAILABLE",
    `Cannot load the workflow's packages as its imports name them: ${`${said} ${place}`.trim()}`,
    { fix: fixFor(said) },
  );
}

function fixFor(said: string): string {
  const [, bare] = said.match(/^Import "([^"]+)" not a dependency/) ?? [];
  if (bare !== undefined) {
    return `Write "npm:${bare}" in that import, or add to deno.json: "imports": { "${bare}": "npm:${bare}" }`;
  }
  if (said.startsWith("Requires import access")) {
    return "Use a package from npm: or jsr:, or a copy of the file in the workflow folder";
  }
  return "Check the package names and versions in the imports and in deno.json, and the network";
}
