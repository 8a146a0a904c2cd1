/** Making one module of many files: what pipelines and images have in common. Loaded only by who builds something. */
export { type Bundle, bundleModules, type BundleProblem } from "./bundle_modules.ts";
export { type InstalledPackages, installPackages } from "./install_packages.ts";
export { type Esbuild, openEsbuild } from "./open_esbuild.ts";
