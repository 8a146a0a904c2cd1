import type { Metafile, Plugin } from "esbuild";
import { installPackages, openEsbuild } from "../../engine/bundling/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import { findAddresses, replaceAddresses } from "./find_addresses.ts";

/** The engine as files that need no network, no package cache and no compiler to run. */
export interface EngineBundle {
  /** File name → content, all in one folder. `main.js` is the entry. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Packages that went in, as `name@version`, sorted. */
  readonly packages: readonly string[];
}

const ENGINE = new URL("../../engine/", import.meta.url);
const PROJECT = new URL("../../deno.json", import.meta.url);
const HOST = "nodes/host/main.ts";
/** What workflow authors import as "pipedreamer". */
const AUTHORS = "mod.ts";
/** Of the engine's modules, so that nothing depends on where it lies. */
const NAMESPACE = "engine";
/** What the engine never loads in an image: it stores and bundles there nothing. */
const LEFT_OUT = ["bundling", "pipelines"];

/** Bundles the engine: its entry, that of node hosts, "pipedreamer", and each module that it loads by an address. */
export async function bundleEngine(): Promise<EngineBundle> {
  const root = decodeURIComponent(ENGINE.pathname);
  const { entries, bare } = await walkModules(root, "main.ts");
  const packages = await targetsOf(bare);
  await using folder = await installPackages(Object.values(packages));
  if (folder.status === "failed") {
    throw new CodedError(
      "DEPENDENCY_UNAVAILABLE",
      `Cannot bundle the engine as its packages are not all there: ${folder.message}`,
      { fix: "deno install" },
    );
  }
  await using service = await openEsbuild();
  const result = await service.esbuild.build({
    entryPoints: entries.map((path) => ({ in: `${NAMESPACE}:${path}`, out: outName(path) })),
    // Names of chunks are made of paths too: those of packages as seen from their folder, whose own name is random.
    absWorkingDir: folder.dir,
    outdir: "out",
    outExtension: { ".js": ".js" },
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    minify: true,
    keepNames: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
    conditions: ["deno", "import"],
    mainFields: ["module", "main"],
    plugins: [enginePlugin(root, { dir: folder.dir, packages, entries })],
    banner: { js: REQUIRE },
  });
  const files = result.outputFiles.map(({ path, contents }): [string, Uint8Array] => [
    path.slice(path.lastIndexOf("/") + 1),
    contents,
  ]).sort(([a], [b]) => a < b ? -1 : 1);
  return { files: new Map(files), packages: await usedPackages(result.metafile, folder.dir) };
}

/** What packages of the CommonJS kind expect to be there. */
const REQUIRE =
  `import{createRequire as pdRequire}from"node:module";const require=pdRequire(import.meta.url);`;

/** What the modules of the engine come to, as far as `first` leads. */
interface Modules {
  /** Every module that an address leads to: `main.ts`, `nodes/host/main.ts`, … */
  readonly entries: readonly string[];
  /** Names of packages that they import. */
  readonly bare: ReadonlySet<string>;
}

const IMPORT = /\bfrom\s+"([^"$]+)"|^import\s+"([^"]+)"|\bimport\("([^"$]+)"\)/gm;

async function walkModules(root: string, first: string): Promise<Modules> {
  const entries = new Set([first]);
  const bare = new Set<string>();
  const modules = new Set([first]);
  for (const path of modules) {
    const text = await Deno.readTextFile(`${root}${path}`).catch(() => undefined);
    // A driver that this engine does not have.
    if (text === undefined) entries.delete(path);
    else {
      const addresses = findAddresses(text).map((address) => pathFrom(path, address))
        .filter((target) => !LEFT_OUT.some((folder) => target.startsWith(`${folder}/`)));
      for (const target of addresses) {
        entries.add(target);
        modules.add(target);
      }
      for (const [, from, only, lazy] of text.matchAll(IMPORT)) {
        const specifier = from ?? only ?? lazy ?? "";
        if (specifier.startsWith(".")) modules.add(pathFrom(path, specifier));
        else bare.add(packageName(specifier));
      }
    }
  }
  return { entries: [...entries].sort(), bare };
}

function packageName(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

function pathFrom(path: string, address: string): string {
  return new URL(address, `file:///${path}`).pathname.slice(1);
}

/** `nodes/host/main.ts` is `nodes_host_main`. */
function outName(path: string): string {
  return path.replace(/\.ts$/, "").replaceAll("/", "_");
}

interface PluginOptions {
  /** Has `node_modules`. */
  readonly dir: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly entries: readonly string[];
}

function enginePlugin(root: string, { dir, packages, entries }: PluginOptions): Plugin {
  return {
    name: "engine",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, namespace, pluginData }) => {
        if (kind === "entry-point") {
          return { path: path.slice(NAMESPACE.length + 1), namespace: NAMESPACE };
        }
        if (pluginData === "installed") return undefined;
        if (path.startsWith("node:")) return { path, external: true };
        if (namespace !== NAMESPACE) return undefined;
        if (path.startsWith(".")) {
          const target = pathFrom(importer, path);
          // The very file, not its parts: nodes import it too, and may read no other than those that are loaded.
          if (importer === HOST && target === AUTHORS) {
            return { path: `./${outName(AUTHORS)}.js`, external: true };
          }
          return { path: target, namespace: NAMESPACE };
        }
        const name = packageName(path);
        if (packages[name] === undefined) {
          return { errors: [{ text: `no package "${name}" in deno.json` }] };
        }
        return await build.resolve(path, { kind, resolveDir: dir, pluginData: "installed" });
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => {
        const text = await Deno.readTextFile(`${root}${path}`);
        const contents = replaceAddresses(text, (address) => {
          const target = pathFrom(path, address);
          return entries.includes(target) ? `${outName(target)}.js` : undefined;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}

/** Name → `npm:name@version`: what the project's deno.json says of the packages that these modules import. */
async function targetsOf(names: ReadonlySet<string>): Promise<Record<string, string>> {
  const { imports } = JSON.parse(await Deno.readTextFile(PROJECT)) as {
    readonly imports: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(imports).filter(([name, target]) =>
      names.has(name) && target.startsWith("npm:")
    ),
  );
}

async function usedPackages({ inputs }: Metafile, dir: string): Promise<string[]> {
  const folders = new Set<string>();
  for (const input of Object.keys(inputs)) {
    const [, folder] = /(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const found = await Promise.all([...folders].map(async (folder) => {
    const path = folder.startsWith("/") ? folder : `${dir}/${folder}`;
    const { name, version } = JSON.parse(await Deno.readTextFile(`${path}/package.json`));
    return `${name}@${version}`;
  }));
  return [...new Set(found)].sort();
}
