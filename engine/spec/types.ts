import type { JsonObject, JsonValue } from "../json/mod.ts";

/** A workflow as the engine uses it: every default filled in, every duration in milliseconds. */
export interface WorkflowSpec {
  /** Kebab-case, at most 63 characters. */
  readonly name: string;
  /** `X.Y` or a semantic version. */
  readonly version: string;
  readonly description: string | undefined;
  readonly triggers: readonly TriggerSpec[];
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly services: { readonly [name: string]: ServiceSpec };
  /** In the order of the file. */
  readonly nodes: readonly NodeSpec[];
  /** `edges` first, then each node's `depends_on`, in the order of the file. */
  readonly edges: readonly EdgeSpec[];
  readonly config: WorkflowConfig;
  /** Runs after a failed run's other nodes, before the run is over; not after a cancelled one. Its id is `on_error`. */
  readonly onError?: ScriptNodeSpec;
  /** Which version of its source it is, where versions lie in folders of their own: a commit of a repository. */
  readonly revision?: JsonObject;
}

export interface EdgeSpec {
  readonly from: string;
  readonly to: string;
  /** Where it was written: `["edges", 0]` or `["nodes", "b", "depends_on", 0]`. */
  readonly path: readonly (string | number)[];
}

/** `config` of the file: what the engine reads, and the whole of it (unknown keys too) for `ctx.config`. */
export interface WorkflowConfig {
  readonly execution: "staged" | "eager";
  /** Largest output of one node as JSON, in bytes. */
  readonly maxOutputBytes: number;
  readonly natsUrl: string | undefined;
  /** Who keeps the schedule in a cluster: CronJobs, or the engine in the pod. */
  readonly cron: "cronjob" | "engine";
  readonly queue: QueueConfig;
  readonly retention: RetentionConfig;
  /** `false`: a node that fails stops what depends on it, and nothing else. `true` when left out. */
  readonly failFast?: boolean;
  /** `config.stages`, when there is one. */
  readonly stages?: readonly StageConfig[];
  /** `config` as written. */
  readonly values: JsonObject;
}

/** What the nodes of one stage have in common. */
export interface StageConfig {
  /** 1 holds the roots. */
  readonly stage: number;
  /** Image of its nodes that name none. */
  readonly container: string;
}

/** How many runs of the workflow go on at the same time, and what becomes of those that have to wait. */
export interface QueueConfig {
  /** Runs at the same time at most; no limit when undefined. */
  readonly concurrency: number | undefined;
  /** `queue_limit`: runs that wait at most, 0 refuses while busy; no limit when undefined. */
  readonly limit: number | undefined;
  readonly strategy: "append" | "replace" | "partitioned_replace";
  /** Runs that wait in one partition at most; for `partitioned_replace`. */
  readonly partitionLimit: number;
  /** `queue_key`: where in the input the partition stands, e.g. `customer`, `input.branch`, `$.branch`. */
  readonly key: string | undefined;
  /** A run that has to wait also cancels a running one; for both ways to replace. */
  readonly interrupt: boolean;
  /** Every run waits so long before it starts. */
  readonly startDelayMs: number;
}

/** Which finished runs are kept. */
export interface RetentionConfig {
  readonly periodMs: number;
  /** The newest so many; no limit when undefined. */
  readonly count: number | undefined;
}

/** One declared input of the workflow. */
export interface InputSpec {
  readonly type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly description: string | undefined;
  readonly default: JsonValue | undefined;
  readonly enum: readonly JsonValue[] | undefined;
  /** True when it must be given: `required: true`, which no default softens. */
  readonly required: boolean;
}

/** What `ctx.fetch("<name>", …)` reaches. */
export interface ServiceSpec {
  /** Absolute http(s) URL without query or fragment. */
  readonly url: string;
}

/** When a failed node is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first one included; at least 1. */
  readonly maxAttempts: number;
  readonly initialIntervalMs: number;
  /** Factor between one wait and the next. */
  readonly backoff: number;
  readonly maxIntervalMs: number;
  /** Full jitter: each wait is drawn evenly between 0 and its computed length. */
  readonly jitter: boolean;
}

/** What one TypeScript node may reach. `undefined` means the default of DESIGN section 3. */
export interface Permissions {
  /** Hosts, `host:port`, or `*` for any. */
  readonly net: readonly string[] | undefined;
  /** Paths beyond the workflow folder, relative to it or absolute. */
  readonly read: readonly string[] | undefined;
  readonly write: readonly string[] | undefined;
  /** Secret names (`github`) or single keys (`github.token`). */
  readonly secrets: readonly string[] | undefined;
}

interface NodeBase {
  readonly id: string;
  readonly description: string | undefined;
  /** Per attempt. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly allowFailure: boolean;
  readonly onLost: "retry" | "fail";
  /** Laid over the workflow's `config` in this node's `ctx.config`. */
  readonly config: JsonObject;
}

/** A step in TypeScript. */
export interface CodeNodeSpec extends NodeBase {
  readonly kind: "code";
  /** Relative to the workflow folder. */
  readonly path: string;
  /** `undefined` when the node has no `permissions:` block. */
  readonly permissions: Permissions | undefined;
  readonly isolation: "process" | "none";
  /** Resident memory that the node's host may use. */
  readonly memoryBytes: number;
  /** Image for `ctx.process.run`; a compiled node has that of its stage when it names none. */
  readonly container: string | undefined;
}

/** A step in a container. */
export interface ContainerNodeSpec extends NodeBase {
  readonly kind: "container";
  readonly image: string | undefined;
  readonly command:
    | { readonly kind: "shell"; readonly script: string }
    | { readonly kind: "exec"; readonly argv: readonly string[] };
  readonly env: { readonly [name: string]: string };
  readonly workdir: string | undefined;
  readonly user: string | undefined;
  readonly limits: {
    readonly cpu: number | undefined;
    readonly memoryBytes: number | undefined;
    readonly pids?: number | undefined;
  };
  readonly mounts: readonly {
    readonly name: string;
    readonly path: string;
    readonly readOnly: boolean;
  }[];
  /** A driver's DSN; the run's driver when undefined. */
  readonly driver: string | undefined;
  readonly pull: "always" | "missing" | "never";
}

/** A step of shell commands on this machine: a task of a `pipelines.yml`. Its input is the run's, wherever it stands. */
export interface ScriptNodeSpec extends NodeBase {
  readonly kind: "script";
  /** Templates over the run's input, one after another in one bash. None is a barrier: it succeeds at once. */
  readonly script: readonly string[];
  /** Over the engine's own variables. */
  readonly env: { readonly [name: string]: string };
}

/** A step that runs another workflow. */
export interface SubworkflowNodeSpec extends NodeBase {
  readonly kind: "workflow";
  readonly workflow: string;
}

export type NodeSpec = CodeNodeSpec | ContainerNodeSpec | ScriptNodeSpec | SubworkflowNodeSpec;

export interface ManualTriggerSpec {
  readonly type: "manual";
  readonly name: string | undefined;
}

export interface CronTriggerSpec {
  readonly type: "cron";
  readonly name: string | undefined;
  readonly schedule: string;
  /** IANA name. */
  readonly timezone: string;
  readonly overlap: "forbid" | "allow" | "replace";
  readonly catchUp: "none" | "last" | "all";
  /** How far back `catchUp` looks. */
  readonly catchUpWindowMs: number;
  readonly jitterMs: number;
}

export interface QueueTriggerSpec {
  readonly type: "queue";
  readonly name: string | undefined;
  readonly subjects: readonly string[];
  readonly queueGroup: string | undefined;
  readonly stream: string | undefined;
  readonly durable: string | undefined;
  readonly maxDeliver: number;
  readonly deadLetter: string | undefined;
  readonly maxInFlight: number;
  /** Runs started per second at most. */
  readonly rateLimit: number | undefined;
}

export interface WebhookTriggerSpec {
  readonly type: "webhook";
  readonly name: string | undefined;
  /** Begins with `/`; answers at `/hooks<path>`. */
  readonly path: string;
  readonly verify: "github" | "gitlab" | "slack" | "stripe" | "hmac" | "token" | undefined;
  /** Secret that `verify` checks with: `service.key`. */
  readonly secret: string | undefined;
  readonly events: readonly string[] | undefined;
  readonly toleranceMs: number;
}

export type TriggerSpec =
  | ManualTriggerSpec
  | CronTriggerSpec
  | QueueTriggerSpec
  | WebhookTriggerSpec;
