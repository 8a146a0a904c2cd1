import { CodedError } from "../../engine/errors/mod.ts";
import type { RunStatus } from "../../engine/executor/mod.ts";
import { FINISHED, isOver, type RunRecord } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { askYesNo } from "../terminal/mod.ts";
import { UsageError } from "../usage_error.ts";
import { findRun } from "./find_run.ts";
import { listShown } from "./list_shown.ts";
import { openRunStorage, type RunStorage } from "../open_run_storage.ts";
import { readAgeFlag, readStatuses } from "./read_flags.ts";
import { ALL_RUNS, findScope, placeOf, type RunScope } from "./run_scope.ts";

/** What `pd runs rm` was asked. */
export interface RemoveRequest {
  readonly ids: readonly string[];
  readonly olderThan: string | undefined;
  readonly status: string | undefined;
  readonly workflow: string | undefined;
  readonly all: boolean;
  readonly yes: boolean;
  readonly storage: string | undefined;
}

/** Deletes runs that are over, after a question on a terminal. */
export async function removeRuns(cli: Cli, request: RemoveRequest): Promise<void> {
  const { io, out } = cli;
  const filter = readFilter(request);
  const scope = request.all ? ALL_RUNS : await findScope(undefined, io.cwd);
  await using at = await openRunStorage(request.storage, io);
  const ids = filter === undefined
    ? await named(request.ids, at, scope)
    : await matching(filter, at, scope);
  const deleted: string[] = [];
  if (ids.length > 0 && await isWanted(cli, ids.length, { request, at, scope })) {
    for (const runId of ids) if (await at.storage.deleteRun(runId)) deleted.push(runId);
  }
  out.result(`deleted ${count(deleted.length)}`, { storage: at.address, deleted });
}

interface Filter {
  readonly status: readonly RunStatus[];
  readonly workflow: string | undefined;
  /** Epoch milliseconds. */
  readonly before: number | undefined;
}

function readFilter(request: RemoveRequest): Filter | undefined {
  const { olderThan, workflow, ids } = request;
  const isFilter = [olderThan, request.status, workflow].some((flag) => flag !== undefined);
  if (isFilter === ids.length > 0) {
    throw new UsageError(
      `Cannot run "pd runs rm" as it takes ids, or flags that say which: ${
        isFilter ? "both were given" : "neither was given"
      }`,
      "pd runs rm --older-than 30d",
    );
  }
  if (!isFilter) return undefined;
  const status = request.status === undefined ? FINISHED : readStatuses(request.status);
  const unfinished = status.find((one) => !isOver(one));
  if (unfinished !== undefined) {
    throw new UsageError(
      `Cannot use --status "${unfinished}" as only runs that are over are deleted`,
      `--status ${FINISHED.join(",")}`,
    );
  }
  const age = olderThan === undefined ? undefined : readAgeFlag(olderThan, "--older-than");
  return { status, workflow, before: age === undefined ? undefined : Date.now() - age };
}

async function named(ids: readonly string[], at: RunStorage, scope: RunScope): Promise<string[]> {
  const runs = await Promise.all(ids.map((id) => findRun(id, at, scope)));
  for (const run of runs) if (!isOver(run.status)) throw notOver(run);
  return [...new Set(runs.map(({ runId }) => runId))];
}

async function matching(filter: Filter, at: RunStorage, scope: RunScope): Promise<string[]> {
  const { status, workflow, before } = filter;
  const ids: string[] = [];
  const runs = listShown(at.storage, {
    status,
    ...scope.workflowKey === undefined ? {} : { workflowKey: scope.workflowKey },
    ...workflow === undefined ? {} : { workflow },
    ...before === undefined ? {} : { createdBefore: before },
    pageSize: 1_000,
  });
  for await (const { record } of runs) {
    // A long run is as old as its end.
    if (before === undefined || (record.completedAt ?? Infinity) < before) ids.push(record.runId);
  }
  return ids;
}

async function isWanted(
  { io }: Cli,
  amount: number,
  { request, at, scope }: {
    readonly request: RemoveRequest;
    readonly at: RunStorage;
    readonly scope: RunScope;
  },
): Promise<boolean> {
  if (request.yes) return true;
  const isNamed = request.ids.length > 0;
  const where = placeOf(isNamed ? ALL_RUNS : scope, at.address);
  if (io.stdin.isTerminal && io.stderr.isTerminal) {
    return await askYesNo(`Delete ${count(amount)} of ${where}?`);
  }
  throw new UsageError(
    `Cannot delete ${count(amount)} without an answer as there is no terminal to ask on`,
    "pd runs rm --yes, with what you asked for",
  );
}

function count(amount: number): string {
  return amount === 1 ? "1 run" : `${amount} runs`;
}

function notOver({ runId, status }: RunRecord): CodedError {
  return new CodedError(
    "RUN_UNFINISHED",
    `Cannot delete run "${runId}" as it is not over: it is ${status}`,
    { fix: `pd runs cancel ${runId}` },
  );
}
