/** workflow.yaml: text in, `WorkflowSpec` and diagnostics out; the JSON Schema for editors. */
export type { Diagnostic, Locate, Position, SpecPath } from "./diagnostic.ts";
export type {
  CodeNodeSpec,
  ContainerNodeSpec,
  CronTriggerSpec,
  EdgeSpec,
  InputSpec,
  ManualTriggerSpec,
  NodeSpec,
  Permissions,
  QueueTriggerSpec,
  RetryPolicy,
  ServiceSpec,
  SubworkflowNodeSpec,
  TriggerSpec,
  WebhookTriggerSpec,
  WorkflowConfig,
  WorkflowSpec,
} from "./types.ts";
