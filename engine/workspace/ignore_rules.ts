import ignore, { type Ignore } from "ignore";

/** Rules in the syntax of `.gitignore`, with what nested files add to them. */
export interface IgnoreRules {
  /** Whether a path relative to the root is left out. The folders above it must not be. */
  ignores(path: string, isDirectory: boolean): boolean;
  /** These rules, and those of a file in the folder `path`, which count more. */
  with(path: string, text: string): IgnoreRules;
}

/** No rules. */
export function noRules(): IgnoreRules {
  return rulesOf(undefined);
}

function rulesOf(matcher: Ignore | undefined): IgnoreRules {
  return {
    ignores: (path, isDirectory) => matcher?.ignores(isDirectory ? `${path}/` : path) ?? false,
    with(path, text) {
      const patterns = text.replace(/^\uFEFF/, "").split(/\r?\n/).flatMap((line) => {
        const pattern = patternBelow(path, line);
        return pattern === undefined ? [] : [pattern];
      });
      if (patterns.length === 0) return rulesOf(matcher);
      const next = newMatcher();
      if (matcher !== undefined) next.add(matcher);
      return rulesOf(next.add(patterns));
    },
  };
}

/** An empty matcher of the library, set up as git is. */
export function newMatcher(): Ignore {
  return ignore({ ignorecase: false });
}

/**
 * What a line in a folder's file says, as a line of the root's file: git applies them relative to their folder.
 * Undefined for comments and empty lines.
 */
function patternBelow(path: string, line: string): string | undefined {
  // Spaces at the end do not count unless they are escaped.
  const text = line.replace(/(?<!\\)[ \t]+$/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  if (path === "") return text;
  const isNegated = text.startsWith("!");
  const pattern = isNegated ? text.slice(1) : text;
  if (pattern === "" || pattern === "/") return undefined;
  // A slash before or in the middle ties a pattern to its folder; without one it holds at any depth below.
  const isTied = pattern.slice(0, -1).includes("/");
  // A backslash that protected the first character is of no use behind a folder, but does no harm either.
  const rest = isTied ? pattern.replace(/^\//, "") : `**/${pattern}`;
  return `${isNegated ? "!" : ""}/${escapePattern(path)}/${rest}`;
}

/** A path as a pattern that matches nothing else. */
export function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, "\\$&");
}
