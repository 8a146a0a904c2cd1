/** What the runs of one workflow do in containers: container nodes, commands of code nodes, tasks of pipelines. */
export type {
  ExecAsk,
  ProcessAnswer,
  ProcessAsk,
  SandboxAsk,
  TaskAnswer,
  TaskAsk,
  TaskOutput,
  TaskRecord,
  VolumeAsk,
} from "./asks.ts";
export type {
  Asked,
  Containers,
  ContainerSettings,
  ContainersOptions,
  OutputChunk,
  Tell,
} from "./containers.ts";
export { openContainers, type OpenContainersOptions } from "./open_containers.ts";
