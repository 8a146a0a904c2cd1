import type { Storage } from "../../engine/storage/mod.ts";

/** The time of a UUIDv7, which tells most runs apart. */
const MIN_LENGTH = 13;
/** A run's id is drawn a moment before or after the run is accepted. */
const SLACK_MS = 10;
const LOOKED_AT = 1_000;

/**
 * The shortest texts that name each of `runs` alone in the storage, 13 characters at least, so that they
 * stay the same while more runs come.
 */
export async function shortIds(
  runs: readonly { readonly runId: string; readonly createdAt: number }[],
  storage: Pick<Storage, "listRuns">,
): Promise<ReadonlyMap<string, string>> {
  const near = await Promise.all(
    windowsOf(runs).map(({ from, to }) =>
      storage.listRuns({
        createdAfter: from - SLACK_MS,
        createdBefore: to + SLACK_MS,
        limit: LOOKED_AT,
      })
    ),
  );
  const ids = [...near.flat(), ...runs].map(({ runId }) => runId);
  return new Map(runs.map(({ runId }) => [runId, shortIdAmong(runId, ids)]));
}

/** Spans of time that hold all of the runs, joined where they touch. */
function windowsOf(
  runs: readonly { readonly createdAt: number }[],
): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = [];
  for (const { createdAt } of runs.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const last = windows.at(-1);
    if (last !== undefined && createdAt - last.to <= 2 * SLACK_MS) last.to = createdAt;
    else windows.push({ from: createdAt, to: createdAt });
  }
  return windows;
}

/** The shortest beginning of `runId` that no other of `ids` has. */
export function shortIdAmong(runId: string, ids: readonly string[]): string {
  let length = MIN_LENGTH;
  for (const other of ids) if (other !== runId) length = Math.max(length, shared(runId, other) + 1);
  return runId[length - 1] === "-" ? runId.slice(0, length + 1) : runId.slice(0, length);
}

function shared(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
