import { CodedError } from "../errors/mod.ts";
import type { Append } from "./records.ts";

/** What events are refused with that do not follow on those that are stored: the engine miscounted. */
export function eventGap({ lease, events }: Append, lastSeq: number): CodedError {
  return new CodedError(
    "INTERNAL",
    `Cannot append event ${
      events[0]?.seq
    } of run "${lease.runId}" as the next: ${lastSeq} is the last`,
  );
}

/** Whether the events count up from behind `lastSeq`, one by one. */
export function followsOn({ events }: Append, lastSeq: number): boolean {
  return events.every((event, index) => event.seq === lastSeq + 1 + index);
}
