/** From a workflow's folder to an image and to what runs it: text in, text out. */
export { describeRights, diffRights, type RightChange } from "./diff_rights.ts";
export { DENO_PATH } from "./dockerfile/mod.ts";
export { imageTag, readBuildRecord, writeBuildRecord } from "./image/mod.ts";
export { type NodeRights, rightsOf, type WorkflowRights } from "./rights.ts";
export {
  type BaseFile,
  CURL_IMAGE,
  DEFAULT_RUNTIME_CLASS,
  type IngressOptions,
  kustomizeBase,
  type Manifest,
  manifestNotes,
  type ManifestOptions,
  manifests,
  toYaml,
  withoutSecretValues,
  writeKustomize,
} from "./manifests/mod.ts";
