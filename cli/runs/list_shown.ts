import type { RunStatus } from "../../engine/executor/mod.ts";
import type { RunFilter, Storage } from "../../engine/storage/mod.ts";
import { type ShownRun, showRun } from "./shown_run.ts";

const PAGE = 200;

/** A filter of what is shown: `interrupted` is a run that says `running` while its engine is dead. */
export type ShownFilter = Omit<RunFilter, "limit"> & { readonly pageSize?: number };

/** Runs newest first, read from the storage page by page as they are asked for. */
export async function* listShown(
  storage: Storage,
  { pageSize = PAGE, ...filter }: ShownFilter,
): AsyncGenerator<ShownRun> {
  const { status } = filter;
  const stored: RunFilter = {
    ...filter,
    ...status === undefined ? {} : { status: storedStatuses(status) },
    limit: Math.min(1_000, pageSize),
  };
  let { before } = filter;
  for (;;) {
    const page = await storage.listRuns(before === undefined ? stored : { ...stored, before });
    for (const record of page) {
      const run = await showRun(record, storage);
      if (status === undefined || status.includes(run.status)) yield run;
    }
    before = page.at(-1)?.runId;
    if (page.length < stored.limit) return;
  }
}

function storedStatuses(status: readonly RunStatus[]): readonly RunStatus[] {
  return status.includes("interrupted") && !status.includes("running")
    ? [...status, "running"]
    : status;
}
