/** Script nodes: shell commands on this machine, as tasks of a `pipelines.yml` are. */
export { openScripts, type OpenScriptsOptions } from "./open_scripts.ts";
export type { Scripts, ScriptSettings } from "./scripts.ts";
