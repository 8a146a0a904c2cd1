import { runProgram } from "./run_program.ts";

/** The programs that can build. */
export const BUILDERS = ["docker", "podman", "buildah"] as const;

export type BuilderName = typeof BUILDERS[number];

/** What a build works with. */
export interface BuildCall {
  readonly program: string;
  /** Folder with the Dockerfile and `app.tar`. */
  readonly context: string;
  readonly tag: string;
  readonly platform: string | undefined;
  /** Epoch seconds of everything in the image. */
  readonly epoch: number;
  readonly signal?: AbortSignal | undefined;
  onLine?(line: string): void;
}

/** Builds the context as `tag`, such that the same context gives the same image as far as the builder can. */
export async function build(name: BuilderName, call: BuildCall): Promise<void> {
  const { program, context, tag, epoch, signal, onLine } = call;
  const run = (args: readonly string[], env: { [name: string]: string } = {}) =>
    runProgram(program, args, { env, signal, ...onLine === undefined ? {} : { onLine } });
  const platform = call.platform === undefined ? [] : ["--platform", call.platform];
  if (name !== "docker") {
    const format = ["--format", "oci", "--timestamp", String(epoch)];
    // Podman's own default is an image for each line of the Dockerfile, which all stay behind.
    const one = ["--no-cache", "--layers=false"];
    await run(["build", ...one, ...format, ...platform, "-t", tag, context]);
    return;
  }
  const hasBuildx = await runProgram(program, ["buildx", "version"]).then(() => true, () => false);
  if (hasBuildx) {
    const time = ["--build-arg", `SOURCE_DATE_EPOCH=${epoch}`];
    const plain = ["--provenance=false", "--sbom=false", "--load"];
    await run(["buildx", "build", ...time, ...plain, ...platform, "-t", tag, context]);
  } else {
    await run(["build", ...platform, "-t", tag, context], { DOCKER_BUILDKIT: "0" });
  }
}
