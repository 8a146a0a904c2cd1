import { CodedError } from "../errors/mod.ts";

const SPECIFIER = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/**
 * Whether the modules, or any file of the folder that they import, name a package. Follows relative
 * imports only; a specifier that is computed at run time is not seen.
 */
export async function needsPackages(modulePaths: readonly string[]): Promise<boolean> {
  const seen = new Set(modulePaths);
  for (const path of seen) {
    const text = await Deno.readTextFile(path).catch(() => "");
    for (const [, specifier = ""] of text.matchAll(SPECIFIER)) {
      if (/^\.{0,2}\//.test(specifier)) {
        seen.add(decodeURIComponent(new URL(specifier, `file://${encodeURI(path)}`).pathname));
      } else if (specifier !== "pipedreamer" && !/^(?:node|data|file):/.test(specifier)) {
        return true;
      }
    }
  }
  return false;
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
