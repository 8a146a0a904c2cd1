import { type Clock, sleep } from "../../engine/clock/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { RunEvent } from "../../engine/executor/mod.ts";
import type { ApiClient } from "./api_client.ts";
import { readEventStream } from "./read_event_stream.ts";

/** How a run is followed. */
export interface FollowOptions {
  readonly clock: Clock;
  /** Aborting it ends the following, not the run. */
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A server that is restarted needs less. */
const PATIENCE_MS = 120_000;
const END = /^run\.(succeeded|failed|cancelled)$/;

/**
 * Hands on each event of a run as it comes, until the run is over. A connection that breaks, and a server that is
 * restarted, are waited for.
 *
 * @throws {CodedError} `WORKFLOW_UNREACHABLE` when it does not come back, and what the server refuses with
 */
export async function followRun(
  client: ApiClient,
  runId: string,
  { clock, signal, onEvent }: FollowOptions,
): Promise<void> {
  const path = `/runs/${encodeURIComponent(runId)}/events`;
  let seq = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let heardAt = clock.monotonic();
  for (;;) {
    try {
      const { body, status } = await client.send(path, {
        signal,
        headers: { accept: "text/event-stream", "last-event-id": String(seq) },
      });
      heardAt = clock.monotonic();
      // There is nothing behind the end that was seen.
      if (status === 204 || body === null) return;
      for await (const data of readEventStream(body)) {
        const event = JSON.parse(data) as RunEvent;
        [seq, pauseMs, heardAt] = [event.seq, FIRST_PAUSE_MS, clock.monotonic()];
        onEvent(event);
        if (END.test(event.kind)) return;
      }
    } catch (error) {
      const isPassing = error instanceof CodedError &&
        ["WORKFLOW_UNREACHABLE", "DRAINING", "STORAGE_UNAVAILABLE", "RATE_LIMITED"].includes(
          error.code,
        );
      if (!isPassing || clock.monotonic() - heardAt > PATIENCE_MS) throw error;
    }
    if (!await sleep(pauseMs, clock, signal)) throw signal.reason;
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}
