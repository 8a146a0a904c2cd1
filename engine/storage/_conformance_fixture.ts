import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { DEFAULT_CONFIG, type WorkflowSpec } from "../spec/mod.ts";
import type { Lease, NewRun, Owner, RunUpdate } from "./records.ts";
import type { Storage } from "./storage.ts";

/** A storage under test, as two engines see it. */
export interface StorageFixture {
  readonly storage: Storage;
  /** The same data through another connection, as another engine has it; the same object where there is one only. */
  readonly other: Storage;
  /** Epoch milliseconds of the storage's clock. */
  now(): number;
  /** Lets the storage's clock pass. */
  advance(byMs: number): Promise<void>;
  /** Makes an owner dead, as a crash of its process would: no process, or a lease that ran out. */
  kill(owner: Owner): Promise<void>;
}

/** When the runs of the suite are accepted. */
export const START = 1_790_000_000_000;

let lastId = 0;

/** A UUIDv7 of that time; later ones are larger. */
export function runIdAt(atMs: number): string {
  const time = atMs.toString(16).padStart(12, "0");
  const count = (++lastId).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
}

/** An owner that lives until the fixture kills it. */
export function testOwner(name: string): Owner {
  return {
    id: `${name}-${crypto.randomUUID()}`,
    host: "test",
    pid: 4_000_000 + ++lastId,
    startedAt: 7,
  };
}

/** A run as it is accepted; `part` says what is special about it. */
export function newRun(part: Partial<NewRun> = {}): NewRun {
  const createdAt = part.createdAt ?? START;
  return {
    runId: runIdAt(createdAt),
    workflow: "digest",
    version: "1.0",
    workflowKey: "/srv/digest",
    spec: specOf("digest"),
    input: { topic: "deno" },
    trigger: { type: "manual" },
    createdAt,
    status: "running",
    startAfter: undefined,
    deadlineAt: undefined,
    partition: undefined,
    idempotency: undefined,
    ...part,
  };
}

/** A workflow without nodes. What is undefined in it is absent in what JSON carries, and means the same. */
export function specOf(name: string, version = "1.0"): WorkflowSpec {
  return {
    name,
    version,
    description: undefined,
    triggers: [],
    inputs: {},
    services: {},
    nodes: [],
    edges: [],
    config: DEFAULT_CONFIG,
  };
}

/** Creates a run that must be new. */
export async function create(
  storage: Storage,
  owner: Owner,
  part: Partial<NewRun> = {},
): Promise<{ readonly run: NewRun; readonly lease: Lease }> {
  const run = newRun(part);
  const created = await storage.createRun(run, owner);
  if (created.status !== "created") throw new Error(`Run ${run.runId} is not new`);
  return { run, lease: created.lease };
}

/** Events with numbers from `seq` on. */
export function events(runId: string, seq: number, ...bodies: readonly RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({
    runId,
    seq: seq + index,
    at: START + seq + index,
    ...body,
  }));
}

/** A log line of a node. */
export function line(node: string, message: string, fields?: JsonValue): RunEventBody {
  return {
    kind: "log",
    node,
    attempt: 1,
    level: "info",
    message,
    ...fields === undefined ? {} : { fields },
  };
}

/** `count` times that a node was skipped: the smallest event. */
export function skips(count: number): RunEventBody[] {
  return Array.from({ length: count }, (_, index) => ({ kind: "node.skipped", node: `n${index}` }));
}

/** Ends a run with one event. */
export async function finish(
  storage: Storage,
  lease: Lease,
  update: RunUpdate & { readonly seq?: number } = {},
): Promise<void> {
  const { seq = 1, ...rest } = update;
  await storage.append({
    lease,
    events: events(lease.runId, seq, { kind: "run.succeeded", durationMs: 1 }),
    update: { status: "succeeded", completedAt: START + 10, ...rest },
  });
}
