import { systemClock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import { createSecretReferences } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import {
  type FinishedNode,
  resumeFrom,
  type RunEvent,
  type RunEventBody,
} from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { checkInput } from "../spec/mod.ts";
import { currentOwner, isOver, type Storage, type StoredRun } from "../storage/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { InputInvalidError } from "./input_invalid_error.ts";
import type { Run } from "./run.ts";
import { createRunIds } from "./run_id.ts";
import type { Workflow } from "./workflow.ts";

/** How a run is retried. */
export interface RetryOptions {
  /** Run this node and all that depends on it; take over what the others came to. All run without it. */
  readonly from?: string | undefined;
}

const PAGE = 5_000;
const newRunId = createRunIds({ now: Date.now, fill: (bytes) => crypto.getRandomValues(bytes) });

/**
 * Starts a new run with the input and the trigger of an earlier one that is over, on the workflow as it is
 * now. What is taken over stands among its events as if it had happened in it, so that the run can be taken
 * up and retried like any other. Values are copied as they are stored, without a look at their secrets.
 *
 * @throws {PdError} `RUN_UNFINISHED`, `TARGET_NOT_FOUND` for a node that is not there, `INPUT_INVALID`,
 *   `STORAGE_UNAVAILABLE`
 */
export async function retryRun(
  workflow: Pick<Workflow, "current" | "resume" | "storage" | "workflowKey">,
  source: StoredRun,
  { from }: RetryOptions = {},
): Promise<Run> {
  const { storage, workflowKey, current: { spec, dag } } = workflow;
  if (!isOver(source.status)) throw notOver(source);
  const checked = checkInput(spec.inputs, shown(source.input));
  if (!checked.ok) throw new InputInvalidError(spec.name, checked.problems);
  const kept = from === undefined ? [] : await takenOver(source, { from, dag, storage });
  const runId = newRunId();
  const createdAt = systemClock.now();
  const trigger: JsonValue = {
    ...objectOf(source.trigger),
    retry: { of: source.runId, ...from === undefined ? {} : { from } },
  };
  const created = await storage.createRun({
    runId,
    workflow: spec.name,
    version: spec.version,
    workflowKey,
    spec,
    input: source.input,
    trigger,
    createdAt,
    status: "running",
    startAfter: undefined,
    partition: source.partition,
    idempotency: undefined,
  }, currentOwner());
  if (created.status !== "created") throw new Error("A run without a key is always new");
  const { lease } = created;
  if (kept.length > 0) {
    const { workflow, version, input } = { ...source, workflow: spec.name, version: spec.version };
    const bodies: RunEventBody[] = [
      { kind: "run.started", workflow, version, input, trigger },
      ...kept,
    ];
    await storage.append({
      lease,
      events: bodies.map((body, index): RunEvent => ({
        ...body,
        runId,
        seq: index + 1,
        at: createdAt,
      })),
    });
  }
  await storage.releaseRun(lease);
  const [run] = await workflow.resume(runId);
  if (run === undefined) throw new Error(`Run ${runId} was taken up by another engine at once`);
  return run;
}

/** The ends of nodes that neither are `from` nor depend on it, as far as they came to one. */
async function takenOver(
  source: StoredRun,
  { from, dag, storage }: {
    readonly from: string;
    readonly dag: CompiledDag;
    readonly storage: Storage;
  },
): Promise<RunEventBody[]> {
  const start = dag.nodes.find(({ id }) => id === from);
  if (start === undefined) throw unknownNode(from, dag);
  const again = new Set([start.index]);
  const state = resumeFrom(dag, await readAll(storage, source.runId));
  // A node comes after all that it depends on.
  for (
    const { index, dependencies } of [...dag.stages].flat().flatMap((at) => dag.nodes[at] ?? [])
  ) {
    const node = state?.nodes[index];
    const isDone = node?.status === "succeeded" || (node?.status === "failed" && node.allowed);
    if (!isDone || dependencies.some((dependency) => again.has(dependency))) again.add(index);
  }
  return dag.nodes.flatMap(({ id, index }): RunEventBody[] => {
    const node = state?.nodes[index];
    if (again.has(index) || node === undefined) return [];
    if (node.status === "succeeded") {
      return [{ kind: "node.succeeded", node: id, ...lasted(node), output: node.output }];
    }
    if (node.status === "failed") {
      const { error, allowed } = node;
      return [{ kind: "node.failed", node: id, ...lasted(node), error, allowed }];
    }
    return [];
  });
}

function lasted({ attempts, startedAt, completedAt }: FinishedNode): {
  readonly attempt: number;
  readonly durationMs: number;
} {
  return { attempt: attempts, durationMs: Math.max(0, completedAt - startedAt) };
}

async function readAll(storage: Storage, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await storage.readEvents(runId, events.length, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

function shown(stored: JsonValue): JsonValue {
  return createSecretReferences({}).restore(stored).value;
}

function objectOf(value: JsonValue): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

function notOver({ runId, status }: StoredRun): CodedError {
  return new CodedError(
    "RUN_UNFINISHED",
    `Cannot retry run "${runId}" as it is not over: it is ${status}`,
    { fix: `pd runs cancel ${runId}, or pd runs resume ${runId} when its engine has ended` },
  );
}

function unknownNode(node: string, dag: CompiledDag): CodedError {
  const ids = dag.nodes.map(({ id }) => id);
  const near = didYouMean(node, ids);
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot retry from "${node}" as a node of "${dag.spec.name}": there is no such node${
      near === undefined ? "" : `, did you mean "${near}"?`
    }`,
    { fix: near === undefined ? `Use one of: ${ids.slice(0, 20).join(", ")}` : `--from ${near}` },
  );
}
