import {
  type BuilderName,
  type BuiltImage,
  type BundledWorkflow,
  describeRights,
  diffRights,
  imageTag,
  loadBuildTools,
  readBuildRecord,
  type RightChange,
  SOURCE_DATE_EPOCH,
  writeBuildRecord,
} from "../builder/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { dataDir } from "../engine/storage/mod.ts";
import type { Cli } from "./cli.ts";
import { findProgram } from "./find_program.ts";
import { shownBytes } from "./shown_bytes.ts";
import { findTarget, shownPath } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd build` was asked. */
export interface BuildRequest {
  readonly target: string;
  readonly tag: string | undefined;
  readonly push: boolean;
  readonly platform: string | undefined;
  readonly baseImage: string | undefined;
  readonly engine: string | undefined;
  /** File for the list of what is in the image. */
  readonly sbom: string | undefined;
  /** Hosts that the engine itself reaches. */
  readonly alsoNet: readonly string[];
  /** Print the Dockerfile and build nothing. */
  readonly printOnly: boolean;
}

/** Makes the image of a workflow and prints what came of it. */
export async function buildTarget(cli: Cli, request: BuildRequest): Promise<void> {
  const { io, out } = cli;
  const tools = await loadBuildTools();
  const engine = readEngine(request.engine, tools);
  const epoch = readEpoch(io.env("SOURCE_DATE_EPOCH"));
  const signal = io.interrupt();
  const target = await findTarget(request.target, io.cwd, { command: "pd build" });
  const program = request.printOnly ? undefined : await findBuilder(engine, io.env, tools);
  const startedAt = performance.now();
  const bundle = await tools.bundleWorkflow(target.file, { shown: shownPath(target.dir, io.cwd) });
  for (const warning of bundle.warnings) out.warn(`warning: ${warning}`);
  out.detail(`bundled in ${Math.round(performance.now() - startedAt)} ms`);
  if (request.sbom !== undefined) {
    await Deno.writeTextFile(
      cli.resolve(request.sbom),
      tools.billOfMaterials(bundle, { epoch }),
    );
  }
  if (program === undefined) {
    const text = tools.dockerfile({ ...bundle, ...request });
    return out.result(text, { dockerfile: text });
  }
  const image = await tools.buildImage({
    bundle,
    tag: request.tag ?? imageTag(bundle.spec, cli.flags.registry),
    engine: program.name,
    program: program.path,
    platform: request.platform,
    baseImage: request.baseImage,
    alsoNet: request.alsoNet,
    push: request.push,
    epoch,
    signal,
    onLine: (line) => out.detail(line),
  });
  const changes = await remember(bundle, image, io.env);
  out.result(summary(image, bundle, changes), {
    tag: image.tag,
    id: image.id,
    digest: image.digest ?? null,
    sizeBytes: image.sizeBytes ?? null,
    layerBytes: image.layerBytes,
    rights: bundle.rights as unknown as JsonValue,
    changes: changes as unknown as JsonValue ?? null,
  });
}

type Tools = Awaited<ReturnType<typeof loadBuildTools>>;

function readEngine(name: string | undefined, { BUILDERS }: Tools): BuilderName | undefined {
  if (name === undefined) return undefined;
  const found = BUILDERS.find((builder) => builder === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot build with "${name}" as --engine is one of ${BUILDERS.join(", ")}: it is none`,
    `pd build --engine ${BUILDERS[0]}`,
  );
}

function readEpoch(text: string | undefined): number {
  if (text === undefined || text === "") return SOURCE_DATE_EPOCH;
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot read "${text}" as SOURCE_DATE_EPOCH as it is a number of seconds: it is none`,
    "pd build, without SOURCE_DATE_EPOCH",
  );
}

async function findBuilder(
  asked: BuilderName | undefined,
  env: (name: string) => string | undefined,
  { BUILDERS, missingProgram }: Tools,
): Promise<{ readonly name: BuilderName; readonly path: string }> {
  const names = asked === undefined ? BUILDERS : [asked];
  for (const name of names) {
    const path = await findProgram([name], env);
    if (path !== undefined) return { name, path };
  }
  throw missingProgram(names);
}

/** Keeps the build, and says which rights changed since the one before; `undefined` when that is not known. */
async function remember(
  { spec, rights }: BundledWorkflow,
  { tag, id, digest }: BuiltImage,
  env: (name: string) => string | undefined,
): Promise<RightChange[] | undefined> {
  const dir = dataDir(env);
  if (dir === undefined) return undefined;
  const before = await readBuildRecord(dir, spec.name);
  const record = { tag, id, ...digest === undefined ? {} : { digest }, rights };
  await writeBuildRecord(dir, spec.name, record);
  return before === undefined ? undefined : diffRights(before.rights, rights);
}

function summary(
  image: BuiltImage,
  { rights }: BundledWorkflow,
  changes: readonly RightChange[] | undefined,
): string {
  const size = image.sizeBytes === undefined ? "" : `${shownBytes(image.sizeBytes)}, `;
  const lines = [
    `built ${image.tag}`,
    `  id      ${image.id}`,
    ...image.digest === undefined ? [] : [`  digest  ${image.digest}`],
    `  size    ${size}${shownBytes(image.layerBytes)} on top of the base`,
    "rights",
    ...describeRights(rights).map((line) => `  ${line}`),
  ];
  if (changes === undefined) return lines.join("\n");
  if (changes.length === 0) return [...lines, "no right changed since the last build"].join("\n");
  return [
    ...lines,
    "changed since the last build",
    ...changes.map(({ change, of, right }) =>
      `  ${change === "added" ? "+" : "-"} ${of}: ${right}`
    ),
  ].join("\n");
}
