import { pathToFileURL } from "node:url";

/** One import statement or `import()` call with a literal specifier. */
export interface Import {
  /** Relative to the project's root. */
  readonly from: string;
  /** Relative to the project's root; starts with `..` when it lies outside. */
  readonly to: string;
  readonly specifier: string;
  /** Counts from 1. */
  readonly line: number;
  /** It vanishes when types are stripped. */
  readonly isTypeOnly: boolean;
}

interface GraphDependency {
  readonly specifier: string;
  readonly code?: GraphTarget;
  readonly type?: GraphTarget;
}

interface GraphTarget {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number; readonly character: number } };
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly GraphDependency[];
  }[];
}

/**
 * Every import among local files that starts in one of `files` (paths relative to `root`), as the runtime
 * itself reads and resolves them: static, dynamic, re-exports and types.
 *
 * @throws {Error} when the module graph cannot be read, with what the runtime said
 */
export async function readImports(root: string, files: readonly string[]): Promise<Import[]> {
  const base = pathToFileURL(`${root}/`).href;
  const graph = await readGraph(root, files.map((file) => new URL(file, base).href));
  const wanted = new Set(files);
  const imports: Import[] = [];
  for (const module of graph.modules) {
    const from = relative(base, module.specifier);
    if (!wanted.has(from) || module.dependencies === undefined) continue;
    const lines = (await Deno.readTextFile(`${root}/${from}`)).split("\n");
    for (const dependency of module.dependencies) {
      const target = dependency.code ?? dependency.type;
      if (target?.specifier === undefined || !target.specifier.startsWith("file:")) continue;
      const { line, character } = target.span.start;
      imports.push({
        from,
        to: relative(base, target.specifier),
        specifier: dependency.specifier,
        line: line + 1,
        isTypeOnly: dependency.code === undefined || namesOnlyTypes(lines, line, character),
      });
    }
  }
  return imports.sort((a, b) => a.from === b.from ? a.line - b.line : a.from < b.from ? -1 : 1);
}

/** One call of `deno info` over a file that imports them all: a call per file would take minutes. */
async function readGraph(root: string, urls: readonly string[]): Promise<Graph> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const hasConfig = await Deno.stat(`${root}/deno.json`).then(() => true, () => false);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", ...(hasConfig ? ["--config", `${root}/deno.json`] : []), entry],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    if (!success) throw new Error(`Cannot read the module graph: ${text(stderr)}`);
    return JSON.parse(text(stdout));
  } finally {
    await Deno.remove(entry);
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}

function relative(base: string, url: string): string {
  if (url.startsWith(base)) return decodeURIComponent(url.slice(base.length));
  return `../${decodeURIComponent(new URL(url).pathname)}`;
}

/** `import { type A, type B } from`: the graph counts it as code, yet nothing of it is left at run time. */
function namesOnlyTypes(lines: readonly string[], line: number, character: number): boolean {
  const before = [...lines.slice(0, line), (lines[line] ?? "").slice(0, character)].join("\n");
  const names = /\b(?:import|export)\s*\{([^{}]*)\}\s*from\s*$/.exec(before)?.[1];
  if (names === undefined) return false;
  const list = names.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return list.length > 0 && list.every((name) => name.startsWith("type "));
}
