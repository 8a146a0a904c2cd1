/** `new URL("./file.ts", import.meta.url)`: how the engine names what it loads later, or starts. */
const ADDRESS = /new URL\(\s*"(\.[^"]*)",\s*import\.meta\.url,?\s*\)/g;

/** The relative addresses in a module's text that stand for a module: computed imports, and entries of processes. */
export function findAddresses(text: string): string[] {
  return [...text.matchAll(ADDRESS)].flatMap(([, path = ""]) => path.endsWith(".ts") ? [path] : []);
}

/**
 * The text with each address replaced by that of the bundled file: `nameOf` says how the module behind a relative
 * path is called, `undefined` when it is not there. All bundled files lie in one folder, so an address means the same
 * in whichever of them the text ends up.
 */
export function replaceAddresses(
  text: string,
  nameOf: (path: string) => string | undefined,
): string {
  return text.replaceAll(ADDRESS, (whole, path: string) => {
    const name = path.endsWith(".ts") ? nameOf(path) : "";
    return name === undefined ? whole : `new URL("./${name}", import.meta.url)`;
  });
}
