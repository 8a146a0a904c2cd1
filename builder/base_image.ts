/**
 * What images are built on: no shell, no package manager, and the version of Deno that the engine is tested with.
 * With its registry: Podman and Buildah know of none that a short name would be in.
 */
export const DEFAULT_BASE_IMAGE = "docker.io/denoland/deno:distroless-2.9.6";

/** Where such an image has its one program. */
export const DENO_PATH = "/bin/deno";

/** The time of everything in an image, in seconds since 1970, unless `SOURCE_DATE_EPOCH` says another. */
export const SOURCE_DATE_EPOCH = 0;
