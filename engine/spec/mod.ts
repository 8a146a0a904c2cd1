/** workflow.yaml: text in, `WorkflowSpec` and diagnostics out; the JSON Schema for editors. */
export { formatBytes, formatDuration, parseBytes, parseDuration } from "../units/mod.ts";
export { checkInput, type InputCheck, type InputProblem } from "./check_input.ts";
export type { Diagnostic, Locate, Position, SpecPath } from "./diagnostic.ts";
export { formatDiagnostic } from "./format_diagnostic.ts";
export type { Compile, PipelinesReading, PipelinesText, ReadPipeline } from "./formats/mod.ts";
export { DEFAULT_CONFIG, FOREVER_MS } from "./normalize_config.ts";
export {
  parseWorkflow,
  readPipelines,
  type ScheduleFlaw,
  scheduleFlaw,
  workflowJsonSchema,
} from "./on_demand.ts";
export type { ParsedWorkflow, ParseOptions } from "./parse_workflow.ts";
export type {
  CodeNodeSpec,
  ContainerNodeSpec,
  CronTriggerSpec,
  EdgeSpec,
  InputSpec,
  ManualTriggerSpec,
  NodeSpec,
  Permissions,
  QueueConfig,
  QueueTriggerSpec,
  RetentionConfig,
  RetryPolicy,
  ScriptNodeSpec,
  ServiceSpec,
  StageConfig,
  SubworkflowNodeSpec,
  TriggerSpec,
  WebhookTriggerSpec,
  WorkflowConfig,
  WorkflowSpec,
} from "./types.ts";
