/** Whether a grant of one of `paths` reaches `path`: it is that path, or lies below it. */
export function isCovered(path: string, paths: readonly string[]): boolean {
  return paths.some((granted) => {
    const folder = plainPath(granted);
    return folder === "/" || path === folder || path.startsWith(`${folder}/`);
  });
}

/** An absolute path without `.`, `..`, doubled slashes and one at its end. */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
