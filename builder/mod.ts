/** From a workflow's folder to an image and to what runs it: text in, text out. */
export type { BundledWorkflow } from "./bundle/mod.ts";
export type { BuilderName, BuiltImage } from "./image/mod.ts";
export { loadBuildTools } from "./load_build_tools.ts";
export { describeRights, diffRights, type RightChange } from "./diff_rights.ts";
export { DEFAULT_BASE_IMAGE, DENO_PATH, SOURCE_DATE_EPOCH } from "./base_image.ts";
export { type BuildRecord, readBuildRecord, writeBuildRecord } from "./build_record.ts";
export { imageTag } from "./image_tag.ts";
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
