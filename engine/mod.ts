/**
 * What workflow authors import as "pipedreamer".
 *
 * ```ts
 * import type { Context } from "pipedreamer";
 *
 * export default function run(ctx: Context, input: { topic: string }) {
 *   ctx.log.info("looking", { topic: input.topic });
 *   return { topic: input.topic.toUpperCase() };
 * }
 * ```
 */
export { RetryableError, TerminalError } from "./errors/mod.ts";
export type { RetryableErrorOptions } from "./errors/mod.ts";
export type {
  Context,
  Log,
  NodeRunInfo,
  ProcessOptions,
  ProcessResult,
  Secrets,
} from "./context/mod.ts";
export type { JsonObject, JsonValue } from "./json/mod.ts";
export { type PipelineOutcome, runPipeline } from "./runtime/mod.ts";
export type {
  Command,
  ExecOptions,
  PipelineContext,
  Runtime,
  Sandbox,
  SandboxOptions,
  StepLimits,
  StepOptions,
  StepResult,
  Volume,
  VolumeOptions,
} from "./runtime/mod.ts";
