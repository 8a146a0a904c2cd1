/** Packages in a folder of their own, as a bundler finds them; or why they cannot be had. */
export type InstalledPackages =
  & AsyncDisposable
  & (
    | { readonly status: "installed"; readonly dir: string }
    | { readonly status: "failed"; readonly message: string }
  );

/**
 * Puts npm packages, given as `npm:name@version`, into the `node_modules` of a temporary folder. What the module cache
 * holds already is not fetched.
 */
export async function installPackages(targets: readonly string[]): Promise<InstalledPackages> {
  const dir = await Deno.makeTempDir({ prefix: "pd-packages-" });
  const remove = () => Deno.remove(dir, { recursive: true });
  const imports: Record<string, string> = {};
  for (const target of targets) {
    const [whole = target, name = target] = /^npm:((?:@[^/]+\/)?[^/@]+)(?:@[^/]*)?/.exec(target) ??
      [];
    imports[name] = whole;
  }
  const config = { imports, nodeModulesDir: "auto", lock: false };
  await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(config));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: dir,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 0) return { status: "installed", dir, [Symbol.asyncDispose]: remove };
  const [first = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  const message = `Cannot get its packages: ${first.replace(/^error: /, "")}`;
  return { status: "failed", message, [Symbol.asyncDispose]: remove };
}
