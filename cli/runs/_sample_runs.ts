import { FakeClock } from "../../engine/clock/mod.ts";
import type { RunEvent, RunEventBody } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import { parseWorkflow, type WorkflowSpec } from "../../engine/spec/mod.ts";
import {
  currentOwner,
  openStorage,
  type Owner,
  type RunUpdate,
  type Storage,
} from "../../engine/storage/mod.ts";

/** When the sample runs are accepted: a morning in January 2026. */
export const START = Date.UTC(2026, 0, 31, 9, 0, 0);
/** Where they belong to. */
export const FOLDER = "/srv/digest";

/** An owner that cannot be alive. */
export const DEAD: Owner = { id: "dead", host: "test", pid: 4_100_000, startedAt: 7 };

/** What is special about a sample run. */
export interface SampleRun {
  readonly id: string;
  readonly at?: number;
  readonly workflow?: string;
  readonly workflowKey?: string;
  readonly trigger?: JsonValue;
  readonly input?: JsonValue;
  readonly owner?: Owner;
  readonly status?: "queued" | "running";
  readonly events?: readonly RunEventBody[];
  readonly update?: RunUpdate;
}

/** A run id of that time, with that end. */
export function idAt(at: number, end: string): string {
  const time = at.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${end.padStart(3, "0")}-8000-${
    end.padStart(12, "0")
  }`;
}

let parsed: WorkflowSpec | undefined;

/** A diamond: fetch, then parse and check, then send. */
export async function sampleSpec(): Promise<WorkflowSpec> {
  if (parsed !== undefined) return parsed;
  const text = `name: digest
version: "1.0"
description: A digest
nodes:
  fetch: { path: ./fetch.ts, retries: 2 }
  parse: { path: ./parse.ts, depends_on: [fetch] }
  check: { path: ./check.ts, depends_on: [fetch], allow_failure: true }
  send: { path: ./send.ts, depends_on: [parse, check] }
`;
  const { spec } = await parseWorkflow(text, { file: "workflow.yaml" });
  if (spec === undefined) throw new Error("The sample is valid");
  return parsed = spec;
}

/** Opens a storage, fills it, and hands it to the test. */
export async function withRuns(
  runs: readonly SampleRun[],
  test: (storage: Storage) => Promise<void>,
  url = "memory:",
): Promise<void> {
  const clock = new FakeClock(START + 60_000);
  await using storage = await openStorage(url, { clock });
  for (const run of runs) await addRun(storage, run);
  await test(storage);
}

/** Adds one run as an engine would. */
export async function addRun(storage: Storage, run: SampleRun): Promise<void> {
  const { id: runId, at = START, status = "running", events = [] } = run;
  const created = await storage.createRun({
    runId,
    workflow: run.workflow ?? "digest",
    version: "1.0",
    workflowKey: run.workflowKey ?? FOLDER,
    spec: await sampleSpec(),
    input: run.input ?? { topic: "deno" },
    trigger: run.trigger ?? { type: "manual" },
    createdAt: at,
    status,
    startAfter: undefined,
    deadlineAt: undefined,
    partition: undefined,
    idempotency: undefined,
  }, run.owner ?? currentOwner());
  if (created.status !== "created") throw new Error(`${runId} is there already`);
  if (events.length === 0 && run.update === undefined) return;
  await storage.append({
    lease: created.lease,
    events: events.map((body, index): RunEvent => ({
      ...body,
      runId,
      seq: index + 1,
      at: at + (index + 1) * 100,
    })),
    ...run.update === undefined ? {} : { update: run.update },
  });
}

const NO_NET = { code: "NODE_FAILED", message: "no such host: news.example" };
const NO_JSON = {
  code: "NODE_FAILED",
  message: "Unexpected token < in JSON at position 0, which begins <html> and is no JSON at all",
  fix: "Look at what news.example answers",
};

/** Events of a run whose second try at `fetch` went well, and whose `parse` failed. */
export const FAILED_EVENTS: readonly RunEventBody[] = [
  { kind: "run.started", workflow: "digest", version: "1.0", input: {}, trigger: null },
  { kind: "node.started", node: "fetch", attempt: 1 },
  log("fetch", "asking news.example"),
  { kind: "node.retrying", node: "fetch", attempt: 1, delayMs: 100, error: NO_NET },
  { kind: "node.started", node: "fetch", attempt: 2 },
  {
    kind: "node.succeeded",
    node: "fetch",
    attempt: 2,
    durationMs: 400,
    output: {
      stories: Array.from({ length: 12 }, (_, index) => ({ id: index, title: `Story ${index}` })),
      token: { $secret: "news.token" },
    },
  },
  { kind: "node.started", node: "parse", attempt: 1 },
  { kind: "node.started", node: "check", attempt: 1 },
  log("parse", "Grüße aus 東京\nin two lines"),
  {
    kind: "node.failed",
    node: "check",
    attempt: 1,
    durationMs: 200,
    allowed: true,
    error: { code: "NODE_FAILED", message: "not today" },
  },
  {
    kind: "node.failed",
    node: "parse",
    attempt: 1,
    durationMs: 400,
    allowed: false,
    error: NO_JSON,
  },
  { kind: "node.skipped", node: "send" },
  { kind: "run.failed", durationMs: 1300, error: NO_JSON },
];

/** How that run is recorded. */
export const FAILED_UPDATE: RunUpdate = {
  status: "failed",
  completedAt: START + 1_300,
  error: "NODE_FAILED: Unexpected token < in JSON at position 0, which begins <html>",
};

/** A log line. */
export function log(node: string, message: string): RunEventBody {
  return { kind: "log", node, attempt: 1, level: "info", message };
}

/** A run that is over at once. */
export function succeeded(run: SampleRun): SampleRun {
  const at = run.at ?? START;
  return {
    ...run,
    at,
    events: [{ kind: "run.succeeded", durationMs: 5 }],
    update: { status: "succeeded", completedAt: at + 5 },
  };
}
