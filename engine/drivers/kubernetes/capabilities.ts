import type { Capabilities, Gaps } from "../capabilities.ts";

/** What pods do. */
export const CAPABILITIES: Capabilities = {
  images: true,
  isolation: true,
  sandbox: true,
  limits: true,
  processLimit: false,
  privileged: true,
  user: true,
  sharedVolumes: true,
  absolutePaths: true,
  readOnlyMounts: true,
  stdin: true,
};

/** Where they do not do it all. */
export const GAPS: Gaps = {
  sandbox: "images need a shell `sh`; one command of a sandbox cannot have a user of its own",
  processLimit: "no pod can ask for it: the kubelet of each node sets one for all (podPidsLimit)",
  privileged: "only where the namespace's Pod Security level lets such pods in",
  user: "a pod takes numbers, not names",
  stdin: "images need a shell `sh`",
};
