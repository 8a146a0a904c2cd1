import type { Capabilities } from "../capabilities.ts";

/** What a Docker daemon can do for us, and Podman's socket as well. */
export const CAPABILITIES: Capabilities = {
  images: true,
  isolation: true,
  sandbox: true,
  limits: true,
  processLimit: true,
  privileged: true,
  user: true,
  sharedVolumes: true,
  absolutePaths: true,
  readOnlyMounts: true,
  stdin: true,
};
