import type { Ignore } from "ignore";
import { type IgnoreRules, newMatcher, noRules } from "./ignore_rules.ts";
import { inclusionOf } from "./inclusion.ts";
import type { EnterFolder, TreeFilter } from "./walk_tree.ts";
import { unreadable } from "./walk_tree.ts";
import type { WorkspaceSource } from "./workspace_source.ts";

/** Files with rules, in the order in which they are read: the later ones count more. */
const RULE_FILES = [".gitignore", ".pdignore"] as const;

/** Never in a workspace unless asked for by name: git's own, and what holds secrets. */
const PRIVATE = /^(\.git$|\.secrets|\.env)/;

/** How a folder is seen while it is walked. */
interface Folder {
  readonly rules: IgnoreRules;
  /**
   * `usual`: the rules decide. `included`: everything but what is private goes in. `passed`: it is left out, but
   * something below it is included.
   */
  readonly standing: "usual" | "included" | "passed";
}

/**
 * What of a folder goes into a workspace, decided folder by folder so that what is left out is not looked at.
 * The rules of a git repository around the folder count too, unless they leave out the folder itself.
 */
export async function workspaceFilter(source: WorkspaceSource): Promise<EnterFolder> {
  const include = source.include.map(inclusionOf);
  const ignored = newMatcher().add([...source.ignore]);
  const outer = await outerRules(source.dir);
  const folders = new Map<string, Folder>([["", { rules: outer.rules, standing: "usual" }]]);

  return async (path, names) => {
    const folder = folders.get(path) ?? { rules: noRules(), standing: "usual" };
    folders.delete(path);
    const rules = await withFiles(folder.rules, source.dir, outer.prefix, path, names);
    const keep: TreeFilter = (each, isDirectory) => {
      const standing = standingOf(each, isDirectory, rules, folder.standing);
      if (isDirectory && standing !== undefined) folders.set(each, { rules, standing });
      return standing !== undefined;
    };
    return keep;
  };

  /** Undefined when it is left out. */
  function standingOf(
    path: string,
    isDirectory: boolean,
    rules: IgnoreRules,
    above: Folder["standing"],
  ): Folder["standing"] | undefined {
    if (matches(ignored, path, isDirectory)) return undefined;
    if (include.some((each) => each.matches(path, isDirectory))) return "included";
    const leadsOn = isDirectory && include.some((each) => each.mayMatchBelow(path));
    const isPrivate = PRIVATE.test(path.slice(path.lastIndexOf("/") + 1));
    if (!isPrivate && above === "included") return "included";
    const isLeftOut = isPrivate || above === "passed" ||
      rules.ignores(outer.prefix + path, isDirectory);
    if (!isLeftOut) return "usual";
    return leadsOn ? "passed" : undefined;
  }
}

function matches(matcher: Ignore, path: string, isDirectory: boolean): boolean {
  return matcher.ignores(isDirectory ? `${path}/` : path);
}

async function withFiles(
  rules: IgnoreRules,
  dir: string,
  prefix: string,
  path: string,
  names: readonly string[],
): Promise<IgnoreRules> {
  let all = rules;
  for (const file of RULE_FILES) {
    if (!names.includes(file)) continue;
    const place = path === "" ? file : `${path}/${file}`;
    all = all.with((prefix + path).replace(/\/$/, ""), await textOf(`${dir}/${place}`));
  }
  return all;
}

/** The rules of the folders above, up to the root of the git repository, and the folder's own path from there. */
async function outerRules(dir: string): Promise<{ rules: IgnoreRules; prefix: string }> {
  const none = { rules: noRules(), prefix: "" };
  const parts = dir.split("/").filter((part) => part !== "");
  let top = parts.length;
  while (!await exists(`/${[...parts.slice(0, top), ".git"].join("/")}`)) {
    if (--top < 0) return none;
  }
  let rules = noRules();
  for (let depth = top; depth < parts.length; depth++) {
    const folder = `/${parts.slice(0, depth).join("/")}`;
    const text = await textOf(`${folder}/.gitignore`);
    rules = rules.with(parts.slice(top, depth).join("/"), text);
    if (rules.ignores(parts.slice(top, depth + 1).join("/"), true)) return none;
  }
  return { rules, prefix: parts.slice(top).map((part) => `${part}/`).join("") };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Empty when there is no such file: a folder of that name has no rules. */
async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) {
      return "";
    }
    throw unreadable(path, error);
  }
}
