/** What `pd build` needs besides the pure part: the bundler, the builders of images, the bill of materials. */
export { bundleWorkflow } from "./bundle/mod.ts";
export { dockerfile } from "./dockerfile/mod.ts";
export { BUILDERS, buildImage, missingProgram } from "./image/mod.ts";
export { billOfMaterials } from "./sbom/mod.ts";
