import type { JsonObject } from "../json/mod.ts";
import { parseBytes, parseDuration } from "../units/mod.ts";
import { isMap } from "./json_map.ts";
import type { QueueConfig, RetentionConfig, StageConfig, WorkflowConfig } from "./types.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type ConfigFile = NonNullable<WorkflowFile["config"]>;

const MAX_OUTPUT_BYTES = 16 * 1024 ** 2;
const RETENTION_MS = 30 * 24 * 3_600_000;

/**
 * A hundred years, for what has no limit: a task without `timeout`, runs that are kept for ever. Infinity would be
 * null in stored specs; any date so far from now is still a date.
 */
export const FOREVER_MS: number = 36_525 * 24 * 3_600_000;

/** What a workflow without `config` has. */
export const DEFAULT_CONFIG: WorkflowConfig = normalizeConfig({}, {});

/** `config` with its defaults filled in; `written` is the whole file, whose `config` is kept as it stands. */
export function normalizeConfig(config: ConfigFile, written: JsonObject): WorkflowConfig {
  const values = written["config"];
  const { max_output: maxOutput } = config;
  return {
    execution: config.execution ?? "staged",
    maxOutputBytes: maxOutput === undefined
      ? MAX_OUTPUT_BYTES
      : parseBytes(String(maxOutput)) ?? MAX_OUTPUT_BYTES,
    natsUrl: config.nats_url,
    cron: config.cron ?? "cronjob",
    queue: normalizeQueue(config),
    retention: normalizeRetention(config.retention),
    ...config.fail_fast === false ? { failFast: false } : {},
    ...config.stages === undefined ? {} : { stages: normalizeStages(config.stages) },
    values: isMap(values) ? values : {},
  };
}

function normalizeQueue(config: ConfigFile): QueueConfig {
  return {
    concurrency: config.concurrency,
    limit: config.queue_limit,
    strategy: config.queue_strategy ?? "append",
    partitionLimit: config.queue_partition_limit ?? 1,
    key: config.queue_key,
    interrupt: config.interrupt ?? false,
    startDelayMs: ms(config.start_delay, 0),
  };
}

function normalizeStages(stages: NonNullable<ConfigFile["stages"]>): readonly StageConfig[] {
  // A refused entry leaves a gap.
  return stages.flatMap((entry) =>
    entry?.stage === undefined || entry.container === undefined ? [] : [entry]
  );
}

function normalizeRetention(retention: ConfigFile["retention"]): RetentionConfig {
  return { periodMs: ms(retention?.period, RETENTION_MS), count: retention?.count };
}

function ms(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : parseDuration(text) ?? fallback;
}
