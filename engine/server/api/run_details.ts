import { z } from "zod";
import { criticalPath, everyNode } from "../../compiler/mod.ts";
import type { ErrorRecord, RunEvent } from "../../executor/mod.ts";
import type { FoundRun } from "../../registry/mod.ts";
import { type NodeState, nodeStates } from "../../workflow/mod.ts";
import type { Shown } from "./api_route.ts";
import { runLine } from "./run_line.ts";
import { json, moment, nodeStatus, problem, runSummary } from "./schemas.ts";

const node = z.object({
  id: z.string(),
  kind: z.enum(["code", "container", "script", "workflow"]),
  description: z.string().nullable(),
  stage: z.int().meta({ description: "0 for a root; what follows a failure stands behind all" }),
  dependsOn: z.array(z.string()),
  isOnError: z.boolean().meta({ description: "Runs after a failed run's other nodes" }),
  allowFailure: z.boolean(),
  status: nodeStatus,
  attempts: z.int(),
  startedAt: moment.nullable(),
  completedAt: moment.nullable(),
  durationMs: z.number().nullable(),
  problem: problem.nullable().meta({ description: "The newest failure" }),
}).meta({ id: "RunNode" });

/** A run with its graph, and where each node stands. */
export const runDetails = runSummary.extend({
  input: json,
  outputs: z.record(z.string(), json).meta({ description: "By node, of those that succeeded" }),
  problem: problem.nullable(),
  nodes: z.array(node).meta({ description: "In order of execution" }),
  stages: z.array(z.array(z.string())).meta({ description: "Nodes by depth" }),
  criticalPath: z.object({
    nodes: z.array(z.string()),
    durationMs: z.number(),
  }).meta({ description: "The nodes that decide how long it takes, so far" }),
  queuePosition: z.int().nullable().meta({ description: "1 for the run that starts next" }),
  lastSeq: z.int().meta({ description: "Of the newest event that is in here" }),
}).meta({ id: "Run" });

/** What is known of a run at this moment: a projection of its events. */
export async function detailsOf(
  { entry, run }: FoundRun,
  now: number,
): Promise<Shown<typeof runDetails>> {
  const { dag } = run;
  const line = runLine(entry, run.summary);
  const events = await run.eventsSoFar();
  const states = nodeStates(dag, events);
  const problems = problemsOf(events);
  const ids = dag.nodes.map(({ id }) => id);
  const shown = everyNode(dag).filter(({ id }) => states[id] !== undefined);
  return {
    ...line,
    input: run.input,
    outputs: Object.fromEntries(
      Object.entries(states).flatMap(([id, { output }]) =>
        output === undefined ? [] : [[id, output]]
      ),
    ),
    problem: problems.ofRun ?? (line.error === null ? null : ofText(line.error)),
    nodes: shown.map(({ id, index, stage, dependencies, spec }) => {
      const { output: _, error: __, ...state } = states[id] as NodeState;
      const isOnError = index >= ids.length;
      return {
        id,
        kind: spec.kind,
        description: spec.description ?? null,
        stage: isOnError ? dag.stages.length : stage,
        dependsOn: dependencies.map((at) => ids[at] ?? ""),
        isOnError,
        allowFailure: spec.allowFailure,
        ...state,
        problem: problems.byNode.get(id) ?? null,
      };
    }),
    stages: dag.stages.map((stage) => stage.map((at) => ids[at] ?? "")),
    criticalPath: criticalPath(
      dag,
      ({ id }) => spentBy(states[id], now),
      dag.spec.config.execution,
    ),
    queuePosition: entry.workflow.queuePosition(run.id) ?? null,
    lastSeq: events.at(-1)?.seq ?? 0,
  };
}

function spentBy(state: NodeState | undefined, now: number): number {
  if (state?.startedAt === null || state === undefined) return 0;
  return (state.completedAt ?? now) - state.startedAt;
}

interface Problems {
  ofRun: Shown<typeof problem> | undefined;
  readonly byNode: Map<string, Shown<typeof problem>>;
}

function problemsOf(events: readonly RunEvent[]): Problems {
  const problems: Problems = { ofRun: undefined, byNode: new Map() };
  for (const event of events) {
    switch (event.kind) {
      case "node.retrying":
      case "node.lost":
      case "node.failed":
        problems.byNode.set(event.node, ofRecord(event.error));
        break;
      case "run.failed":
      case "run.cancelled":
        problems.ofRun = ofRecord(event.error);
        break;
    }
  }
  return problems;
}

function ofRecord({ code, message, fix, exitCode }: ErrorRecord): Shown<typeof problem> {
  return { code, message, fix: fix ?? null, exitCode: exitCode ?? null };
}

function ofText(error: string): Shown<typeof problem> {
  const [, code = "INTERNAL", message = error] = /^([A-Z_]+): (.*)$/s.exec(error) ?? [];
  return { code, message, fix: null, exitCode: null };
}
