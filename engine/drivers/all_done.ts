/** Waits for all of them, whatever fails meanwhile; then rejects with the first failure. */
export async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  for (const each of await Promise.allSettled(work)) {
    if (each.status === "rejected") throw each.reason;
  }
}
