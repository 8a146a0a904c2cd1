/** Where a run stands. */
export type RunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
/** Where a node stands. */
export type NodeStatus = "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

/** What `/api/v1` says of an error. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly exitCode?: number | null;
}

/** A line of a list of runs. Times are epoch milliseconds. */
export interface RunSummary {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly trigger: unknown;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

/** A node of a run. */
export interface RunNode {
  readonly id: string;
  readonly kind: "code" | "container" | "script" | "workflow";
  readonly description: string | null;
  readonly stage: number;
  readonly dependsOn: readonly string[];
  readonly isOnError: boolean;
  readonly allowFailure: boolean;
  readonly status: NodeStatus;
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  readonly problem: Problem | null;
}

/** A run with its graph. */
export interface RunDetails extends RunSummary {
  readonly input: unknown;
  readonly outputs: { readonly [node: string]: unknown };
  readonly problem: Problem | null;
  readonly nodes: readonly RunNode[];
  readonly stages: readonly (readonly string[])[];
  readonly criticalPath: { readonly nodes: readonly string[]; readonly durationMs: number };
  readonly queuePosition: number | null;
  readonly lastSeq: number;
}

/** Where a workflow came from. */
export interface Origin {
  readonly kind: "folder" | "stored" | "pipelines" | "repository";
  readonly place: string;
}

/** What a queue holds, and may hold. */
export interface QueueFigures {
  readonly running: number;
  readonly waiting: number;
  readonly concurrency: number | null;
  readonly limit: number | null;
  readonly strategy: "append" | "replace" | "partitioned_replace";
}

/** A line of the list of workflows. */
export interface WorkflowLine {
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
  readonly origin: Origin;
  readonly queue: QueueFigures;
  /** Newest first. */
  readonly lastRuns: readonly RunSummary[];
}

/** One declared input. */
export interface InputSpec {
  readonly type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly description: string | null;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required: boolean;
}

/** A node as its workflow has it. */
export type WorkflowNode = Pick<RunNode, "id" | "kind" | "description" | "stage" | "dependsOn">;

/** A workflow with all that it is made of. */
export interface WorkflowDetails extends WorkflowLine {
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly nodes: readonly WorkflowNode[];
  readonly stages: readonly (readonly string[])[];
  readonly triggers: readonly { readonly type: string; readonly [key: string]: unknown }[];
  readonly spec: unknown;
  readonly problems: readonly PlaceProblem[];
}

/** Something that could not be loaded. */
export interface PlaceProblem {
  readonly place: string;
  readonly message: string;
}

/** One event of a run, as far as the page reads it. */
export interface RunEvent {
  readonly kind: string;
  readonly seq: number;
  readonly at: number;
  readonly node?: string;
  readonly attempt?: number;
  readonly durationMs?: number;
  readonly delayMs?: number;
  readonly error?: Problem;
  readonly allowed?: boolean;
  readonly level?: "debug" | "info" | "warn" | "error";
  readonly message?: string;
  readonly fields?: unknown;
}
