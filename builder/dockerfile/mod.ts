/** The text of the Dockerfile that `pd build` uses. */
export { dockerfile, type DockerfileOptions } from "./dockerfile.ts";
export { engineFlags, LISTEN_PORT } from "./engine_flags.ts";
export { DEFAULT_BASE_IMAGE, DENO_PATH, SOURCE_DATE_EPOCH } from "../base_image.ts";
