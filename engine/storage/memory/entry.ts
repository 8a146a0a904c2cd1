import type { RunEvent } from "../../executor/mod.ts";
import { measureJson } from "../../json/mod.ts";
import type { NewRun, Owner, RunUpdate, StoredRun } from "../records.ts";
import { isOver } from "../is_over.ts";

const RUN_BYTES = 600;
const EVENT_BYTES = 160;

/** A run in memory: what is told of it, its events, and who may write it. */
export interface Entry {
  run: StoredRun;
  readonly events: RunEvent[];
  token: number;
  /** Roughly. */
  sizeBytes: number;
}

/** A run that was just accepted. */
export function newEntry(run: NewRun, owner: Owner): Entry {
  const { idempotency: _, ...rest } = run;
  return {
    run: {
      ...rest,
      startedAt: run.status === "running" ? run.createdAt : undefined,
      completedAt: undefined,
      error: undefined,
      cancelRequested: false,
      owner,
      lastSeq: 0,
    },
    events: [],
    token: 1,
    sizeBytes: RUN_BYTES + measureJson(run.input).bytes + measureJson(run.trigger).bytes,
  };
}

/** Appends events that follow on the last. */
export function addEvents(entry: Entry, events: readonly RunEvent[]): void {
  for (const event of events) {
    entry.events.push(event);
    entry.sizeBytes += eventBytes(event);
  }
  entry.run = { ...entry.run, lastSeq: entry.events.length };
}

/** Changes a run. One that is over loses its owner. */
export function updateEntry(entry: Entry, update: RunUpdate, now: number): void {
  const run = { ...entry.run, ...update };
  entry.run = isOver(run.status)
    ? { ...run, completedAt: run.completedAt ?? now, owner: undefined }
    : run;
}

function eventBytes(event: RunEvent): number {
  let bytes = EVENT_BYTES;
  if (event.kind === "node.succeeded") bytes += measureJson(event.output).bytes;
  else if (event.kind === "run.started") bytes += measureJson(event.input).bytes;
  else if (event.kind === "log") {
    bytes += 2 * event.message.length + measureJson(event.fields ?? null).bytes;
  } else if ("error" in event) {
    const { message, stack = "", fix = "" } = event.error;
    bytes += 2 * (message.length + stack.length + fix.length);
  }
  return bytes;
}
