import { CodedError } from "../errors/mod.ts";
import { pipelineConfig } from "./pipeline_config.ts";
import { PipelineInvalidError } from "./pipeline_invalid_error.ts";
import { PIPELINE_MODULE } from "./pipeline_module.ts";

/** A pipeline as it is stored. */
export interface BundledPipeline {
  /** One module: `pipeline.js`. */
  readonly files: { readonly [path: string]: string };
  /** What is worth telling whoever stores it, though nothing failed. */
  readonly warnings: readonly string[];
  /** Absolute paths of the files that it was made of, its `deno.json` among them. */
  readonly inputs: readonly string[];
}

const MODULE = /\.[cm]?[jt]s$/;

/**
 * Makes one module of a pipeline's file: with the files that it imports and the npm packages that its
 * `deno.json` names, type-checked against the globals of a pipeline. Nothing of it is executed.
 *
 * @throws {CodedError} `TARGET_NOT_FOUND` when there is no such file
 * @throws {PipelineInvalidError} `PIPELINE_INVALID` with every mistake as `file:line:column`
 */
export async function bundlePipeline(path: string): Promise<BundledPipeline> {
  const real = await findModule(path);
  const { path: configPath, config } = await pipelineConfig(real.slice(0, real.lastIndexOf("/")));
  const show = shownAs(path, real);
  const { bundleModules, checkTypes } = await loadTools();
  const bundling = bundleModules({ path: real, config, show });
  // At the same time: it takes some ten times as long.
  const checking = checkTypes({ path: real, config, show });
  const bundle = await bundling;
  const problems = await checking;
  if (bundle.status === "failed") throw new PipelineInvalidError(path, bundle.problems);
  if (!bundle.exports.includes("pipeline")) {
    const message = `exports no "pipeline"`;
    throw new PipelineInvalidError(
      path,
      [...problems, { file: show(`file://${encodeURI(real)}`), line: 1, column: 1, message }],
      "export async function pipeline() { await runtime.run({ … }) }",
    );
  }
  if (problems.length > 0) throw new PipelineInvalidError(path, problems);
  return {
    files: { [PIPELINE_MODULE]: bundle.code },
    warnings: bundle.warnings,
    inputs: configPath === undefined ? bundle.inputs : [...bundle.inputs, configPath],
  };
}

/** Computed, as the runtime loads what an import names literally: who runs what is stored needs none of it. */
async function loadTools(): Promise<
  typeof import("../bundling/mod.ts") & typeof import("./check_types.ts")
> {
  const [bundling, checking] = await Promise.all([
    import(new URL("../bundling/mod.ts", import.meta.url).href),
    import(new URL("./check_types.ts", import.meta.url).href),
  ]);
  return { ...bundling, ...checking };
}

async function findModule(path: string): Promise<string> {
  const real = await Deno.realPath(path).catch(() => undefined);
  const stat = real === undefined ? undefined : await Deno.stat(real);
  if (real !== undefined && stat?.isFile === true && MODULE.test(real)) return real;
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${path}" as the file of a pipeline: ${
      stat === undefined ? "no such file" : "it is no .ts or .js file"
    }`,
    { fix: "pd set-pipeline path/to/pipeline.ts --name my-pipeline" },
  );
}

/** Files are named by the way that the caller named the first. */
function shownAs(path: string, real: string): (url: string) => string {
  const realFolder = real.slice(0, real.lastIndexOf("/") + 1);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return (url) => {
    const file = decodeURIComponent(new URL(url).pathname);
    return file.startsWith(realFolder) ? folder + file.slice(realFolder.length) : file;
  };
}
