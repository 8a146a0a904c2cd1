import { type Flaw, type Problem, problemAt } from "./problem.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type ConfigFile = NonNullable<WorkflowFile["config"]>;

/** Keys of a queue that say nothing while every run starts at once. */
const NEED_WAITING = ["queue_limit", "queue_partition_limit", "interrupt"] as const;

/**
 * Checks how the keys of a workflow's queue go together: `config` is what follows the schema, and `isWritten`
 * says whether a key stands in the file at all.
 */
export function checkQueue(
  config: ConfigFile,
  isWritten: (key: keyof ConfigFile & string) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  const { queue_strategy: strategy } = config;
  const isPartitioned = strategy === "partitioned_replace";
  if (isPartitioned && !isWritten("queue_key")) {
    problems.push(problemAt(["config", "queue_strategy"], {
      code: "SPEC_MISSING_KEY",
      rule: "partitioned_replace needs the key queue_key",
      state: "the key is missing",
      fix: { say: "Add to config: queue_key: customer" },
    }));
  }
  // What follows has no effect as it stands; a strategy that was refused is told already.
  if (isWritten("queue_strategy") && strategy === undefined) return problems;
  const never = isWritten("concurrency") || isWritten("start_delay")
    ? undefined
    : NEED_WAITING.find((key) => config[key] !== undefined);
  if (never !== undefined) {
    problems.push(warning(never, {
      rule: "it counts once runs have to wait",
      state: "without concurrency none does",
      fix: { say: "Add to config: concurrency: 1" },
    }));
  }
  if (isPartitioned && config.queue_limit !== undefined) {
    problems.push(warning("queue_limit", {
      rule: "the limit of partitioned_replace is queue_partition_limit",
      state: "it has no effect",
      fix: { say: `Write in its place: queue_partition_limit: ${config.queue_limit || 1}` },
    }));
  }
  if (!isPartitioned && config.queue_partition_limit !== undefined) {
    problems.push(warning("queue_partition_limit", {
      rule: "only partitioned_replace has partitions",
      state: "it has no effect",
      fix: { say: `Write in its place: queue_limit: ${config.queue_partition_limit}` },
    }));
  }
  if (config.interrupt === true && (strategy ?? "append") === "append") {
    problems.push(warning("interrupt", {
      rule: "a run that is appended waits its turn",
      state: "it has no effect",
      fix: { say: "Add to config: queue_strategy: replace" },
    }));
  }
  return problems;
}

function warning(key: string, flaw: Omit<Flaw, "code">): Problem {
  return problemAt(["config", key], { code: "SPEC_CONFLICT", ...flaw }, {
    at: "key",
    severity: "warning",
  });
}
