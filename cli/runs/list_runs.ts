import type { RunStatus } from "../../engine/executor/mod.ts";
import type { Cli } from "../cli.ts";
import { findPageEnd } from "./find_run.ts";
import { listShown } from "./list_shown.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { readMoment, readStatuses } from "./read_flags.ts";
import { ALL_RUNS, findScope, placeOf, type RunScope } from "./run_scope.ts";
import { renderRunTable } from "./run_table.ts";
import { shortIds } from "./short_ids.ts";
import { runJson, type ShownRun } from "./shown_run.ts";

/** What `pd runs list` was asked. */
export interface ListRequest {
  readonly dir: string | undefined;
  readonly all: boolean;
  readonly status: string | undefined;
  readonly workflow: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly before: string | undefined;
  readonly limit: number;
  readonly storage: string | undefined;
}

/** Prints a page of runs, newest first, and how to get the next one. */
export async function listRuns(cli: Cli, request: ListRequest): Promise<void> {
  const { io, out } = cli;
  const now = Date.now();
  const status: readonly RunStatus[] | undefined = request.status === undefined
    ? undefined
    : readStatuses(request.status);
  const createdAfter = request.since === undefined
    ? undefined
    : readMoment(request.since, "--since", now);
  const createdBefore = request.until === undefined
    ? undefined
    : readMoment(request.until, "--until", now);
  const scope = request.all ? ALL_RUNS : await findScope(request.dir, io.cwd);
  await using at = await openRunStorage(request.storage, io);
  const before = request.before === undefined
    ? undefined
    : await findPageEnd(request.before, at, scope);
  const runs: ShownRun[] = [];
  let hasMore = false;
  const filter = {
    pageSize: request.limit + 1,
    ...scope.workflowKey === undefined ? {} : { workflowKey: scope.workflowKey },
    ...request.workflow === undefined ? {} : { workflow: request.workflow },
    ...status === undefined ? {} : { status },
    ...createdAfter === undefined ? {} : { createdAfter },
    ...createdBefore === undefined ? {} : { createdBefore },
    ...before === undefined ? {} : { before },
  };
  for await (const run of listShown(at.storage, filter)) {
    hasMore = runs.length === request.limit;
    if (hasMore) break;
    runs.push(run);
  }
  const ids = await shortIds(runs.map(({ record }) => record), at.storage);
  const last = hasMore ? runs.at(-1)?.record.runId : undefined;
  const table = runs.length === 0 ? "" : renderRunTable(runs, {
    shortIds: ids,
    columns: io.stdout.size()?.columns,
    colors: out.colors,
    now,
  });
  out.result(table, {
    storage: at.address,
    runs: runs.map((run) => runJson(run, ids.get(run.record.runId) ?? run.record.runId, now)),
    next: last ?? null,
  });
  if (out.format === "json") return;
  if (runs.length === 0) out.note(nothing(request, scope, at.address));
  if (last !== undefined) {
    out.note(`more: ${nextCommand(request, ids.get(last) ?? last)}`);
  }
}

function nothing(request: ListRequest, scope: RunScope, address: string): string {
  const { status, workflow, since, until, before } = request;
  const isNarrow = [status, workflow, since, until, before].some((flag) => flag !== undefined);
  const where = placeOf(scope, address);
  const hint = scope.folder === undefined ? "" : "; pd runs --all shows those of other folders";
  return `no ${isNarrow ? "such " : ""}run of ${where}${hint}`;
}

function nextCommand(request: ListRequest, before: string): string {
  return [
    "pd runs list",
    request.dir,
    request.all ? "--all" : undefined,
    flag("--status", request.status),
    flag("--workflow", request.workflow),
    flag("--since", request.since),
    flag("--until", request.until),
    request.limit === 50 ? undefined : `--limit ${request.limit}`,
    `--before ${before}`,
  ].filter((part) => part !== undefined).join(" ");
}

function flag(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name} ${value}`;
}
