/** Builds the image of a bundled workflow with Docker, Podman or Buildah. */
export { buildImage, type BuildImageOptions, type BuiltImage } from "./build_image.ts";
export { type BuilderName, BUILDERS } from "./builders.ts";
export { missingProgram } from "./run_program.ts";
