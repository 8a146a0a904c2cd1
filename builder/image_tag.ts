/** `registry/name:version`; a version's `+` is no part of a tag, so it becomes `_`. */
export function imageTag(
  { name, version }: { readonly name: string; readonly version: string },
  registry?: string,
): string {
  const host = registry?.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const image = `${name}:${version.replaceAll("+", "_")}`;
  return host === undefined || host === "" ? image : `${host}/${image}`;
}
