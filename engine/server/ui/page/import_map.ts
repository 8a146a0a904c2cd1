/** Below which path the client's files are, a folder for each version. */
export const ASSETS = "/ui/assets";

/** Modules of packages that the client imports by name, and where they are among its files. */
export const PACKAGES: { readonly [specifier: string]: string } = {
  preact: "lib/preact.js",
  "preact/hooks": "lib/preact_hooks.js",
  htm: "lib/htm.js",
};

/** The import map (HTML Living Standard, section 8.1.6.4) of a version, as text. */
export function importMap(version: string): string {
  const imports = Object.entries(PACKAGES).map(([name, path]) => [
    name,
    `${ASSETS}/${version}/${path}`,
  ]);
  return JSON.stringify({ imports: Object.fromEntries(imports) });
}
