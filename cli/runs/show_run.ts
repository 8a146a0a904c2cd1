import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { type NodeReport, readReport } from "./run_report.ts";
import { findScope } from "./run_scope.ts";
import { renderRunTree } from "./run_tree.ts";
import { shortIds } from "./short_ids.ts";
import { runJson, showRun } from "./shown_run.ts";

/** What `pd runs show` was asked. */
export interface ShowRequest {
  readonly id: string;
  readonly isFull: boolean;
  readonly storage: string | undefined;
}

/** Prints what is known of a run. */
export async function showOneRun(cli: Cli, request: ShowRequest): Promise<void> {
  const { io, out } = cli;
  const now = Date.now();
  await using at = await openRunStorage(request.storage, io);
  const stored = await findRun(request.id, at, await findScope(undefined, io.cwd));
  const run = await showRun(stored, at.storage);
  const report = await readReport(stored, at.storage);
  const ids = await shortIds([stored], at.storage);
  const text = renderRunTree(run, report, {
    columns: io.stdout.size()?.columns,
    colors: out.colors,
    now,
    isFull: request.isFull,
  });
  out.result(text, {
    storage: at.address,
    ...runJson(run, ids.get(stored.runId) ?? stored.runId, now),
    resumed: report.resumed,
    errorRecord: report.error === undefined ? null : { ...report.error },
    input: report.input,
    nodes: Object.fromEntries(report.nodes.map((node) => [node.node, nodeJson(node)])),
  });
}

function nodeJson(node: NodeReport): JsonValue {
  return {
    status: node.status,
    stage: node.stage,
    dependsOn: [...node.dependsOn],
    startedAt: node.startedAt ?? null,
    completedAt: node.completedAt ?? null,
    durationMs: node.durationMs ?? null,
    attempts: node.attempts.map(({ error, completedAt, ...attempt }) => ({
      ...attempt,
      completedAt: completedAt ?? null,
      error: error === undefined ? null : { ...error },
    })),
    error: node.error === undefined ? null : { ...node.error },
    allowed: node.isAllowed,
    takenOver: node.isTakenOver,
    logLines: node.logLines,
    tasks: [...node.tasks.values()].map((task) => ({ ...task })),
    ...node.input === undefined ? {} : { input: node.input },
    ...node.output === undefined ? {} : { output: node.output },
  };
}
