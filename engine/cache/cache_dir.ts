/** pd's own folder in the user's cache, or `undefined` when there is no home to put it in. */
export function cacheDir(env: (name: string) => string | undefined): string | undefined {
  const cache = env("XDG_CACHE_HOME") ?? "";
  if (cache !== "") return `${cache}/pipedreamer`;
  const home = env("HOME") ?? "";
  return home === "" ? undefined : `${home}/.cache/pipedreamer`;
}
