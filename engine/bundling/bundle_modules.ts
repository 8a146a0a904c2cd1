import type { BuildFailure, Message, Plugin } from "esbuild";
import { openEsbuild } from "./open_esbuild.ts";
import type { JsonObject } from "../json/mod.ts";
import { installPackages } from "./install_packages.ts";

/** One mistake in the files. */
export interface BundleProblem {
  readonly file: string;
  /** From 1; 0 where a mistake has no place in its file. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What came of bundling. */
export type Bundle =
  | {
    readonly status: "bundled";
    readonly code: string;
    /** Names that the module exports. */
    readonly exports: readonly string[];
    /** Absolute paths of the files that it is made of, packages left out. */
    readonly inputs: readonly string[];
    readonly warnings: readonly string[];
  }
  | { readonly status: "failed"; readonly problems: readonly BundleProblem[] };

interface BundleOptions {
  readonly path: string;
  readonly config: JsonObject;
  /** What the module is for, as a refusal names it: "a stored pipeline" by default. */
  readonly purpose?: string;
  /** Files are named so in problems. */
  show(url: string): string;
}

const OUTPUT = "pipeline.js";

/** What packages of the CommonJS kind expect to be there. */
const REQUIRE = `import { createRequire as pdCreateRequire } from "node:module";
const require = pdCreateRequire(import.meta.url);`;

/** Makes one module of a file and all that it imports, but "pipedreamer" and what is built in. */
export async function bundleModules(options: BundleOptions): Promise<Bundle> {
  const packages = new Map<string, string>();
  const first = await build(options, (specifier) => {
    packages.set(specifier, npmTarget(specifier));
    return undefined;
  });
  if (first.status === "failed" || packages.size === 0) return first;
  await using installed = await installPackages([...packages.values()]);
  if (installed.status === "failed") {
    const file = options.show(`file://${encodeURI(options.path)}`);
    return {
      status: "failed",
      problems: [{ file, line: 0, column: 0, message: installed.message }],
    };
  }
  return await build(options, (specifier) => ({
    path: npmName(packages.get(specifier) ?? specifier),
    resolveDir: installed.dir,
  }));
}

/** Where a package is found; `undefined` while nobody knows yet. */
type FindPackage = (
  specifier: string,
) => { readonly path: string; readonly resolveDir: string } | undefined;

async function build(options: BundleOptions, findPackage: FindPackage): Promise<Bundle> {
  const { path, config, show, purpose = "a stored pipeline" } = options;
  await using service = await openEsbuild();
  const { esbuild } = service;
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  let hasPackages = false;
  const plugin = importPlugin(config, purpose, (specifier) => {
    hasPackages = true;
    return findPackage(specifier);
  });
  const run = (banner: string) =>
    esbuild.build({
      entryPoints: [path],
      // Names in the module must not tell where it was made, or the same file would be another version elsewhere.
      absWorkingDir: folder,
      bundle: true,
      write: false,
      outfile: OUTPUT,
      // Nothing is written, and the pipeline may have the same name.
      allowOverwrite: true,
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "esnext",
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      logLimit: 100,
      tsconfigRaw: {},
      conditions: ["deno", "import"],
      mainFields: ["module", "main"],
      plugins: [plugin],
      banner: { js: banner },
    });
  try {
    let result = await run("");
    if (hasPackages) result = await run(REQUIRE);
    const textOf = (end: string) =>
      plain(result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "");
    return {
      status: "bundled",
      code: `${textOf(OUTPUT)}//# sourceMappingURL=${dataUrl(textOf(".map"))}\n`,
      exports: result.metafile.outputs[OUTPUT]?.exports ?? [],
      inputs: Object.keys(result.metafile.inputs)
        .filter((input) => !input.includes("node_modules/"))
        .map((input) => new URL(input, `file://${encodeURI(folder)}/`).pathname)
        .map(decodeURIComponent),
      warnings: result.warnings.map((message) => warningOf(message, { folder, show })),
    };
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!Array.isArray(errors)) throw error;
    return { status: "failed", problems: errors.map((one) => problemOf(one, { folder, show })) };
  }
}

/** Takes the temporary folder of packages out of names, or each bundle would be another. */
function plain(text: string): string {
  return text.replaceAll(/[^"\s]*\/pd-packages-[^/"\s]+\/node_modules\//g, "npm/");
}

/** By this an error in a run has the place of its line in the file as it was written. */
function dataUrl(map: string): string {
  return `data:application/json;base64,${new TextEncoder().encode(map).toBase64()}`;
}

/** Finds what imports mean as Deno does: by URL, by the import map, packages by "npm:". */
function importPlugin(config: JsonObject, purpose: string, findPackage: FindPackage): Plugin {
  const imports = (config["imports"] ?? {}) as Record<string, string>;
  return {
    name: "imports",
    setup(build) {
      build.onResolve(
        { filter: /.*/ },
        async ({ path, kind, importer, resolveDir, pluginData }) => {
          if (kind === "entry-point" || pluginData === "as it is") return undefined;
          if (path === "pipedreamer" || path.startsWith("node:")) return { path, external: true };
          if (importer.includes("/node_modules/")) return undefined;
          const target = mapped(path, imports);
          if (/^(https?|jsr):/.test(target)) {
            return { errors: [{ text: refusal(target, purpose) }] };
          }
          if (target.startsWith("npm:")) {
            const found = findPackage(target);
            if (found === undefined) return { path: target, external: true };
            const { path, resolveDir } = found;
            return await build.resolve(path, { kind, resolveDir, pluginData: "as it is" });
          }
          if (target.startsWith("file:")) {
            return { path: decodeURIComponent(new URL(target).pathname) };
          }
          if (/^\.{0,2}\//.test(target)) return { path: join(resolveDir, target) };
          if (/^[a-z+]+:/.test(target)) return { errors: [{ text: refusal(target, purpose) }] };
          return { errors: [{ text: unknownPackage(target) }] };
        },
      );
      build.onLoad({ filter: /.*/ }, async ({ path, with: attributes }) => {
        if (attributes["type"] !== "text" && attributes["type"] !== "bytes") return undefined;
        const loader = attributes["type"] === "text" ? "text" : "binary";
        return { contents: await Deno.readFile(path), loader };
      });
    },
  };
}

/** By the longest name of the import map that fits: the whole specifier, or a prefix that ends with a slash. */
function mapped(specifier: string, imports: Record<string, string>): string {
  const whole = imports[specifier];
  if (whole !== undefined) return whole;
  const prefix = Object.keys(imports)
    .filter((name) => name.endsWith("/") && specifier.startsWith(name))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix !== undefined) return `${imports[prefix]}${specifier.slice(prefix.length)}`;
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const target = imports[name];
  return target?.startsWith("npm:") ? `${target}${specifier.slice(name.length)}` : specifier;
}

/** `npm:/a@1/b` is `npm:a@1/b`. */
function npmTarget(specifier: string): string {
  return specifier.replace(/^npm:\/*/, "npm:");
}

/** `npm:@a/b@1.2/c` is found as `@a/b/c`. */
function npmName(target: string): string {
  return target.replace(/^npm:((?:@[^/]+\/)?[^/@]+)(?:@[^/]*)?/, "$1");
}

function join(folder: string, path: string): string {
  return decodeURIComponent(new URL(path, `file://${encodeURI(folder)}/`).pathname);
}

function refusal(target: string, purpose: string): string {
  return `Cannot import "${target}" as ${purpose} is made of local files and npm packages: ` +
    "download the file, or take the package by npm:";
}

function unknownPackage(name: string): string {
  return `Cannot import "${name}" as nothing says what that is: write "npm:${name}", or add it to ` +
    "the imports of deno.json";
}

interface Naming {
  readonly folder: string;
  show(url: string): string;
}

function problemOf({ text, location }: Message, { folder, show }: Naming): BundleProblem {
  const path = location === null ? folder : join(folder, location.file);
  return {
    file: show(`file://${encodeURI(path)}`),
    line: location?.line ?? 0,
    column: (location?.column ?? -1) + 1,
    message: text,
  };
}

function warningOf(message: Message, naming: Naming): string {
  const { file, line, column, message: text } = problemOf(message, naming);
  return line > 0 ? `${file}:${line}:${column} ${text}` : text;
}
