import type { RunEvent } from "../executor/mod.ts";
import type { Storage } from "../storage/mod.ts";

const PAGE = 5_000;

/** Every event of a run, as it is stored. */
export async function readEvents(storage: Storage, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await storage.readEvents(runId, events.length, PAGE);
    for (const event of page) events.push(event);
    if (page.length < PAGE) return events;
  }
}
