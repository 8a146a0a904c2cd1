import type { Problem } from "./problem.ts";
import type { Import } from "./read_imports.ts";

/** Which other parts of the house a part may import. `"any"`: it also needs no door. */
const ARROWS: { readonly [part: string]: readonly string[] | "any" } = {
  engine: [],
  builder: ["engine"],
  deploy: ["engine"],
  cli: ["builder", "deploy", "engine"],
  examples: ["engine"],
  e2e: "any",
  bench: "any",
  ".ci": "any",
};

/**
 * Everything that is wrong with the way files import each other: arrows against the one direction, ways
 * around a folder's `mod.ts`, private files, and folders of the engine that need each other in a circle.
 */
export function checkImports(files: readonly string[], imports: readonly Import[]): Problem[] {
  const doors = new Set(files.filter((file) => file.endsWith("/mod.ts")).map(folderOf));
  const problems: Problem[] = [];
  for (const one of imports) {
    const problem = checkArrow(one) ?? checkPrivate(one) ?? checkDoor(one, doors);
    if (problem !== undefined) problems.push(problem);
  }
  return [...problems, ...checkCycles(imports)];
}

function checkArrow({ from, to, specifier, line }: Import): Problem | undefined {
  const where = `${from}:${line}`;
  if (to.startsWith("../")) {
    return {
      where,
      what: `imports "${specifier}", which lies outside the project`,
      fix: "Move the file into the project, or take it from a package",
    };
  }
  const [source, target] = [partOf(from), partOf(to)];
  const allowed = ARROWS[source];
  if (source === target || allowed === "any" || !to.includes("/")) return undefined;
  if (allowed === undefined) {
    return {
      where,
      what: `lies in "${source}", which is no part of the house`,
      fix: `Move it into one of ${Object.keys(ARROWS).join(", ")}`,
    };
  }
  if (allowed.includes(target)) return undefined;
  return {
    where,
    what: `imports "${to}": ${source} may import ${allowed.join(", ") || "nothing but itself"}`,
    fix: `Move what both need down into engine, or pass it in from where ${target} is known`,
  };
}

function checkPrivate({ from, to, line }: Import): Problem | undefined {
  if (ARROWS[partOf(from)] === "any") return undefined;
  const name = to.slice(to.lastIndexOf("/") + 1);
  if (!name.startsWith("_") || isInside(folderOf(to), from)) return undefined;
  return {
    where: `${from}:${line}`,
    what: `imports "${to}", which is private to its folder`,
    fix: `Import from "${folderOf(to)}/mod.ts", or drop the underscore if it is meant for others`,
  };
}

/** The outermost closed folder that holds `to` and not `from` is entered by its `mod.ts` only. */
function checkDoor({ from, to, line }: Import, doors: ReadonlySet<string>): Problem | undefined {
  if (ARROWS[partOf(from)] === "any") return undefined;
  const closed = foldersOf(to).find((folder) =>
    !isInside(folder, from) && folder !== "engine" && (doors.has(folder) || isRoom(folder))
  );
  if (closed === undefined || to === `${closed}/mod.ts`) return undefined;
  if (!doors.has(closed)) {
    return {
      where: `${from}:${line}`,
      what: `imports "${to}" while "${closed}" has no mod.ts`,
      fix: `Add ${closed}/mod.ts with named re-exports, and import from there`,
    };
  }
  return {
    where: `${from}:${line}`,
    what: `imports "${to}" past the door of its folder`,
    fix: `Export it from "${closed}/mod.ts" and import from there`,
  };
}

/** Each circle of engine folders once, with the import lines that close it. Tests do not count. */
function checkCycles(imports: readonly Import[]): Problem[] {
  const arrows = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    if (one.isTypeOnly || /_test\.tsx?$/.test(one.from)) continue;
    const [source, target] = [roomOf(one.from), roomOf(one.to)];
    if (source === undefined || target === undefined || source === target) continue;
    const targets = arrows.get(source) ?? new Map<string, Import>();
    arrows.set(source, targets.set(target, targets.get(target) ?? one));
  }
  const problems: Problem[] = [];
  const done = new Set<string>();
  for (const room of [...arrows.keys()].sort()) {
    const circle = done.has(room) ? undefined : findCircle(room, arrows);
    if (circle === undefined) continue;
    circle.forEach(({ from }) => done.add(roomOf(from) ?? from));
    problems.push({
      where: `${circle[0]?.from}:${circle[0]?.line}`,
      what: `closes a circle of folders: ${
        [room, ...circle.map(({ to }) => roomOf(to))].join(" -> ")
      }`,
      fix: `Break one of: ${
        circle.map(({ from, line, to }) => `${from}:${line} -> ${to}`).join("; ")
      }`,
    });
  }
  return problems;
}

/** The shortest way from `start` back to itself, breadth first. */
function findCircle(
  start: string,
  arrows: ReadonlyMap<string, ReadonlyMap<string, Import>>,
): Import[] | undefined {
  const ways = new Map<string, Import[]>([[start, []]]);
  for (const [room, way] of ways) {
    for (const [next, one] of arrows.get(room) ?? []) {
      if (next === start) return [...way, one];
      if (!ways.has(next)) ways.set(next, [...way, one]);
    }
  }
  return undefined;
}

/** The unit of the circle check: a folder right under `engine`, or a file that lies there itself. */
function roomOf(path: string): string | undefined {
  const [part, second] = path.split("/");
  return part === "engine" ? `${part}/${second}` : undefined;
}

function partOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf("/")));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** `a/b/c.ts` lies in `a` and in `a/b`: outermost first. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function isInside(folder: string, path: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

/** Folders that have a door whether or not somebody has hung it yet. */
function isRoom(folder: string): boolean {
  return /^(builder|deploy|cli\/terminal|engine\/[^/]+)$/.test(folder);
}
