import { newMatcher } from "./ignore_rules.ts";

/** A pattern of what goes in although a rule leaves it out. */
export interface Inclusion {
  /** Whether the pattern means this very path, and not only a folder above it. */
  matches(path: string, isDirectory: boolean): boolean;
  /** Whether it is tied to a place that may be below this folder. */
  mayMatchBelow(folder: string): boolean;
}

/**
 * Reads an `--include` pattern, in the syntax of `.gitignore`. One with a slash before or in it leads into
 * folders that are left out; one without is not looked for in there, as that would mean to walk through all of
 * `node_modules`.
 */
export function inclusionOf(pattern: string): Inclusion {
  const text = pattern.replace(/^\.\//, "/");
  const matcher = newMatcher().add(text);
  const isTied = text.slice(0, -1).includes("/");
  const segments = text.replace(/^\//, "").replace(/\/$/, "").split("/").map(segmentOf);

  return {
    matches(path, isDirectory) {
      if (!matcher.ignores(isDirectory ? `${path}/` : path)) return false;
      const end = path.lastIndexOf("/");
      return end < 0 || !matcher.ignores(`${path.slice(0, end)}/`);
    },
    mayMatchBelow(folder) {
      if (!isTied) return false;
      const parts = folder.split("/");
      for (const [index, part] of parts.entries()) {
        const segment = segments[index];
        if (segment === undefined) return false;
        if (segment === "any") return true;
        if (!segment(part)) return false;
      }
      return segments.length > parts.length;
    },
  };
}

/** How one part of a pattern matches a name; `any` for `**`. */
function segmentOf(text: string): "any" | ((name: string) => boolean) {
  if (text === "**") return "any";
  if (text === "") return () => false;
  const matcher = newMatcher().add(`/${text}`);
  return (name) => matcher.ignores(name);
}
