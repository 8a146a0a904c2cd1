import type { PdError } from "../errors/mod.ts";
import type { ResumedNodes, RunEvent, RunInfo } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Offer } from "../queue/mod.ts";
import type { Lease } from "../storage/mod.ts";
import type { Generation } from "./generation.ts";
import type { Run, StartOptions } from "./run.ts";
import type { WorkflowRunOptions } from "./workflow_run.ts";

/** How a run is accepted. */
export interface AcceptOptions extends StartOptions {
  /** Outputs that it takes over from an earlier run, by node. */
  readonly kept?: ReadonlyMap<string, JsonValue>;
}

/** What became of a wish to start a run. */
export interface Accepted {
  readonly run: Run;
  /** False when it was started before, by the same idempotency key. */
  readonly isNew: boolean;
}

/** What a run is opened with. */
export interface OpenedRun {
  readonly info: RunInfo;
  readonly input: JsonValue;
  readonly lease: Lease;
  readonly status: "queued" | "running";
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly before: readonly RunEvent[];
  readonly resume: ResumedNodes | undefined;
  readonly kept?: ReadonlyMap<string, JsonValue> | undefined;
  /** In place of its generation's. */
  readonly parts?: WorkflowRunOptions["parts"];
}

/** A run of the storage that goes on here. */
export interface TakenRun extends OpenedRun {
  readonly generation: Generation;
  readonly startAfter: number | undefined;
  /** When it is to be ended wherever it stands. Epoch milliseconds. */
  readonly deadlineAt: number | undefined;
  readonly partition: string;
  /** Why it cannot go on: it ends as failed. */
  readonly problem: PdError | undefined;
  readonly cancelRequested: boolean;
}

/** Where a run stands in the queue while it is stored. */
export interface Place {
  readonly createdAt: number;
  readonly partition: string;
  readonly offer: Exclude<Offer, { decision: "refuse" }>;
  readonly deadlineAt: number | undefined;
  readonly idempotency: StartOptions["idempotency"];
}

/** A key that has started a run already. */
export interface ExistingKey {
  readonly key: string;
  readonly runId: string;
  readonly sameFingerprint: boolean;
}
