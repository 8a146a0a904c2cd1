/** Runs nodes: modules loaded and checked, node hosts that hold exactly their nodes' rights. */
export { checkFolder, checkModule } from "./check_folder.ts";
export { createNodeRunner } from "./create_node_runner.ts";
export { hostConfig } from "./host_config.ts";
export type { CallOverrides } from "./pooled_call.ts";
export type { NodeTracing } from "./node_tracing.ts";
export { socketPaths, SocketPlaces } from "./socket_places.ts";
export type { NodeRunnerOptions, RunnerStats, WorkflowRunner } from "./workflow_runner.ts";
