/** A workflow folder as the files of an image: the engine, the node hosts and every node bundled. */
export { type BundledWorkflow, type BundleOptions, bundleWorkflow } from "./bundle_workflow.ts";
