import { compile } from "../compiler/mod.ts";
import type { SecretReferences } from "../context/mod.ts";
import type { PdError } from "../errors/mod.ts";
import { recordOf, type ResumedNodes, resumeFrom, type UnfinishedNode } from "../executor/mod.ts";
import type { Lease, Storage, StoredRun } from "../storage/mod.ts";
import type { Generation } from "./generation.ts";
import { readEvents } from "./read_events.ts";
import { RunStuckError, SecretGoneError } from "./run_errors.ts";
import type { TakenRun } from "./accepted.ts";
import { shownEvent } from "./two_views.ts";

/** A run that was claimed for this engine. */
export interface ClaimedRun {
  readonly run: StoredRun;
  readonly lease: Lease;
}

/** What a claimed run is prepared with. */
export interface TakeUpOptions {
  readonly storage: Storage;
  /** The version that it goes on with, held for it. */
  acquire(run: StoredRun): Promise<Generation>;
  /** The version that new runs use, held for it: for a run that cannot go on. */
  acquireCurrent(): Generation;
}

/** Reads where a claimed run stands, and brings back its secrets. One that cannot go on has a `problem`. */
export async function takeUp(
  { run, lease }: ClaimedRun,
  { storage, acquire, acquireCurrent }: TakeUpOptions,
): Promise<TakenRun> {
  const events = run.lastSeq === 0 ? [] : await readEvents(storage, run.runId);
  let generation: Generation;
  let problem: PdError | undefined;
  try {
    generation = await acquire(run);
  } catch (error) {
    generation = acquireCurrent();
    problem = new RunStuckError(run.runId, error);
  }
  const { parts } = generation;
  const { references } = parts;
  const dag = problem === undefined ? parts.dag : compile(run.spec).dag ?? parts.dag;
  const input = references.restore(run.input);
  const resume = resumeFrom(dag, events);
  const { workflow, version, createdAt, startedAt, startAfter, deadlineAt, partition } = run;
  return {
    generation,
    parts: problem === undefined ? parts : { ...parts, dag },
    info: {
      id: run.runId,
      workflow,
      version,
      trigger: references.restore(run.trigger).value,
      ...events.length === 0 ? {} : { isResumed: true },
    },
    input: input.value,
    lease,
    status: run.status === "queued" ? "queued" : "running",
    createdAt,
    startedAt,
    startAfter,
    deadlineAt,
    partition: partition ?? "",
    before: events.map((event) => shownEvent(event, parts)),
    resume: resume === undefined ? undefined : restored(resume, run, generation),
    problem: problem ?? parts.blocked ??
      (resume === undefined && input.missing.length > 0
        ? new SecretGoneError("input", input.missing)
        : undefined),
    cancelRequested: run.cancelRequested,
  };
}

/** Outputs with their secrets; where one is gone, whatever depends on it is to fail. */
function restored(
  resume: ResumedNodes,
  { input }: StoredRun,
  { parts: { references, dag } }: Generation,
): ResumedNodes {
  const { missing } = references.restore(input);
  return {
    ...resume,
    nodes: resume.nodes.map((node, index) => {
      if (node?.status === "unfinished") return withTasks(node, references);
      if (node?.status !== "succeeded") return node;
      const output = references.restore(node.output);
      if (output.missing.length === 0) return { ...node, output: output.value };
      const what = `output of node "${dag.nodes[index]?.id}"`;
      return {
        ...node,
        output: output.value,
        missing: recordOf(new SecretGoneError(what, output.missing)),
      };
    }),
    ...missing.length === 0
      ? {}
      : { missingInput: recordOf(new SecretGoneError("input", missing)) },
  };
}

/** Answers of tasks with their secrets; a task whose answer cannot be had any more is done again. */
function withTasks(node: UnfinishedNode, references: SecretReferences): UnfinishedNode {
  if (node.tasks === undefined) return node;
  const tasks = node.tasks.flatMap((record) => {
    const { value: answer, missing } = references.restore(record.answer);
    return missing.length === 0 ? [{ ...record, answer }] : [];
  });
  return { ...node, tasks };
}
