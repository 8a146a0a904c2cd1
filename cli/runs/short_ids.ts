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
  const pairs = runs.map(async ({ runId, createdAt }) => {
    const near = await storage.listRuns({
      createdAfter: createdAt - SLACK_MS,
      createdBefore: createdAt + SLACK_MS,
      limit: LOOKED_AT,
    });
    return [runId, shortIdAmong(runId, near.map((other) => other.runId))] as const;
  });
  return new Map(await Promise.all(pairs));
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
