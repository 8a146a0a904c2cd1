import type { QueueConfig } from "../types.ts";
import type { MapReader } from "./map_reader.ts";

const STRATEGIES = ["append", "replace", "partitioned_replace"] as const;
type Strategy = typeof STRATEGIES[number];

/** How the runs of a pipeline wait. Whatever cannot be is told in the words of the tool that the format comes from. */
export function readQueue(pipeline: MapReader): QueueConfig {
  function refuse(key: string, message: string, fix: string): void {
    pipeline.say([key], { code: "SPEC_VALUE", message, fix });
  }

  const concurrency = pipeline.count(
    "concurrency",
    () => refuse("concurrency", "concurrency must be greater than 0", "concurrency: 1"),
  );
  const limit = pipeline.count(
    "queue_limit",
    () => refuse("queue_limit", "queue_limit must not be negative", "queue_limit: 1"),
  );
  const startDelayMs = pipeline.duration(
    "start_delay",
    () => refuse("start_delay", "start_delay must not be negative", "start_delay: 1s"),
  );
  if (startDelayMs !== undefined && startDelayMs > 0 && limit === 0) {
    refuse("start_delay", "start_delay needs queue_limit > 0", "queue_limit: 1");
  }
  const strategy = readStrategy(pipeline);
  const isPartitioned = strategy === "partitioned_replace";
  let hasPartitionLimit = pipeline.has("queue_partition_limit");
  const partitionLimit = pipeline.count("queue_partition_limit", () => hasPartitionLimit = false);
  if (isPartitioned && (!hasPartitionLimit || partitionLimit === 0)) {
    pipeline.say([
      pipeline.has("queue_partition_limit") ? "queue_partition_limit" : "queue_strategy",
    ], {
      code: "SPEC_MISSING_KEY",
      message: "queue_partition_limit must be defined and >=1 if " +
        "queue_strategy=partitioned_replace",
      fix: "queue_partition_limit: 1",
    });
  }
  if (isPartitioned && pipeline.has("queue_limit")) {
    pipeline.say(["queue_limit"], {
      code: "SPEC_CONFLICT",
      message: "queue_limit is not allowed if queue_strategy=partitioned_replace, " +
        "use queue_partition_limit instead",
      fix: `Write in its place: queue_partition_limit: ${limit || 1}`,
      at: "key",
    });
  }
  // A strategy that was refused says nothing of what it needs.
  if (strategy !== undefined && !isPartitioned && pipeline.has("queue_partition_limit")) {
    pipeline.say(["queue_partition_limit"], {
      code: "SPEC_CONFLICT",
      message: "queue_partition_limit is not allowed if queue_strategy=append|replace, " +
        "use queue_limit instead",
      fix: `Write in its place: queue_limit: ${partitionLimit ?? 1}`,
      at: "key",
    });
  }
  return {
    concurrency: concurrency === undefined || concurrency === 0 ? 1 : concurrency,
    limit,
    strategy: strategy ?? "append",
    partitionLimit: partitionLimit === undefined || partitionLimit === 0 ? 1 : partitionLimit,
    key: undefined,
    interrupt: false,
    startDelayMs: startDelayMs ?? 0,
  };
}

/** Undefined when there is no such strategy. */
function readStrategy(pipeline: MapReader): Strategy | undefined {
  const text = pipeline.text("queue_strategy");
  // Without the key, and in a list or a map, which was told already.
  if (text === undefined) return pipeline.has("queue_strategy") ? undefined : "append";
  const strategy = STRATEGIES.find((one) => one === text);
  if (strategy === undefined) {
    pipeline.say(["queue_strategy"], {
      code: "SPEC_VALUE",
      message: `unknown queue strategy: ${JSON.stringify(text)}`,
      fix: `queue_strategy: one of ${STRATEGIES.join(", ")}`,
    });
  }
  return strategy;
}
