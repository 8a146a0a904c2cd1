import { CodedError } from "../../engine/errors/mod.ts";
import { packFiles } from "../../engine/workspace/mod.ts";
import type { BundledWorkflow } from "../bundle/mod.ts";
import { DEFAULT_BASE_IMAGE, SOURCE_DATE_EPOCH } from "../base_image.ts";
import { dockerfile } from "../dockerfile/mod.ts";
import { build, type BuilderName } from "./builders.ts";
import { fixTimes } from "./fix_times.ts";
import { runProgram } from "./run_program.ts";

/** What is built, and with what. */
export interface BuildImageOptions {
  readonly bundle: BundledWorkflow;
  /** `name:version`, with the registry before it. */
  readonly tag: string;
  readonly engine: BuilderName;
  /** Its program; found on `PATH` by the engine's name otherwise. */
  readonly program?: string;
  /** `linux/arm64`; that of the builder's machine by default. */
  readonly platform?: string | undefined;
  readonly baseImage?: string | undefined;
  /** More hosts that the engine itself reaches. */
  readonly alsoNet?: readonly string[];
  readonly push?: boolean;
  /** Epoch seconds of everything in the image; 0 by default. */
  readonly epoch?: number;
  readonly signal?: AbortSignal | undefined;
  /** Where the context is put for the time of the build; the system's folder for temporary files by default. */
  readonly tempDir?: string;
  /** What the builder says meanwhile. */
  onLine?(line: string): void;
}

/** An image that is there. */
export interface BuiltImage {
  readonly tag: string;
  /** `sha256:…` of its configuration: the same for the same input. */
  readonly id: string;
  /** `sha256:…` in the registry, once pushed. */
  readonly digest: string | undefined;
  /** Of all its layers. */
  readonly sizeBytes: number | undefined;
  /** Of what lies on top of the base image, uncompressed. */
  readonly layerBytes: number;
  readonly dockerfile: string;
}

/**
 * Builds the image of a bundled workflow, and pushes it when asked. The context is a temporary folder that is gone
 * afterwards, also when the build fails or is aborted.
 *
 * @throws {CodedError} `IMAGE_FAILED` with what the builder said; `TOOL_MISSING`. On abort, the signal's reason.
 */
export async function buildImage(options: BuildImageOptions): Promise<BuiltImage> {
  const { bundle, tag, engine, signal } = options;
  const program = options.program ?? engine;
  const baseImage = options.baseImage ?? DEFAULT_BASE_IMAGE;
  const epoch = options.epoch ?? SOURCE_DATE_EPOCH;
  const text = dockerfile({
    spec: bundle.spec,
    rights: bundle.rights,
    baseImage,
    ...options.alsoNet === undefined ? {} : { alsoNet: options.alsoNet },
  });
  const context = await Deno.makeTempDir({
    prefix: "pd-build-",
    ...options.tempDir === undefined ? {} : { dir: options.tempDir },
  });
  try {
    await writeContext(context, { text, bundle, epoch });
    const { size: layerBytes } = await Deno.stat(`${context}/app.tar`);
    const { onLine, platform } = options;
    await build(engine, {
      program,
      context,
      tag,
      platform,
      epoch,
      signal,
      ...onLine === undefined ? {} : { onLine: (line: string) => onLine(line) },
    });
    if (engine === "docker") await fixTimes({ program, tag, baseImage, epoch, signal });
    const digest = options.push === true ? await push({ ...options, program }) : undefined;
    const { id, sizeBytes } = await inspect(engine, { program, tag, signal });
    return { tag, id, digest, sizeBytes, layerBytes, dockerfile: text };
  } finally {
    await Deno.remove(context, { recursive: true });
  }
}

async function writeContext(
  context: string,
  { text, bundle, epoch }: {
    readonly text: string;
    readonly bundle: BundledWorkflow;
    readonly epoch: number;
  },
): Promise<void> {
  const files = new Map([...bundle.files].map(([path, content]) => [`app/${path}`, content]));
  using file = await Deno.create(`${context}/app.tar`);
  for await (const chunk of packFiles(files, { mtime: epoch })) {
    await write(file, chunk);
  }
  await Deno.writeTextFile(`${context}/Dockerfile`, text);
  // Nothing else can get into the context, whatever the builder's own rules are.
  await Deno.writeTextFile(`${context}/.dockerignore`, "*\n!app.tar\n");
}

async function write(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
}

interface Place {
  readonly program: string;
  readonly tag: string;
  readonly signal?: AbortSignal | undefined;
}

async function inspect(
  engine: BuilderName,
  { program, tag, signal }: Place,
): Promise<{ readonly id: string; readonly sizeBytes: number | undefined }> {
  if (engine === "buildah") {
    const args = ["inspect", "--type", "image", "--format", "{{.FromImageID}}", tag];
    const id = await runProgram(program, args, { signal });
    return { id: id.startsWith("sha256:") ? id : `sha256:${id}`, sizeBytes: undefined };
  }
  const text = await runProgram(program, ["image", "inspect", tag], { signal });
  const [{ Id, Size }] = JSON.parse(text) as [{ readonly Id: string; readonly Size: number }];
  return { id: Id.startsWith("sha256:") ? Id : `sha256:${Id}`, sizeBytes: Size };
}

const DIGEST = /\bsha256:[0-9a-f]{64}\b/;

/** What the registry calls it. */
async function push(
  { engine, program, tag, signal, tempDir }: BuildImageOptions & Place,
): Promise<string> {
  if (engine === "docker") {
    return digestIn(await runProgram(program, ["push", tag], { signal }), tag);
  }
  const file = await Deno.makeTempFile({
    prefix: "pd-digest-",
    ...tempDir === undefined ? {} : { dir: tempDir },
  });
  try {
    await runProgram(program, ["push", "--digestfile", file, tag], { signal });
    return digestIn(await Deno.readTextFile(file), tag);
  } finally {
    await Deno.remove(file);
  }
}

function digestIn(text: string, tag: string): string {
  const found = DIGEST.exec(text)?.[0];
  if (found !== undefined) return found;
  throw new CodedError(
    "IMAGE_FAILED",
    `Cannot tell the digest of "${tag}" as the builder does not name it: the push itself succeeded`,
    { fix: "pd build --push again, or give the image by its tag" },
  );
}
