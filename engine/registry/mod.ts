/** Many workflows that one process has open over one storage. */
export { keyedEntries } from "./keyed_entries.ts";
export { openRegistry, type OpenRegistryOptions } from "./open_registry.ts";
export type { OpenRegistry } from "./opened_registry.ts";
export type {
  FoundRun,
  RegisteredWorkflow,
  Registry,
  RegistryProblem,
  WorkflowOrigin,
} from "./registry.ts";
export type { FoundWorkflow } from "./registry_source.ts";
export { PIPELINES_KEY } from "./pipelines_source.ts";
export { PipelinesInvalidError } from "./pipelines_invalid_error.ts";
export { registryOf, type RegistryOfOptions, type SingleRegistry } from "./registry_of.ts";
