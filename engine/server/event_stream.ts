import type { Clock } from "../clock/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { Run } from "../workflow/mod.ts";

/** Proxies give up on a connection that is silent for half a minute or so. */
export const HEARTBEAT_MS = 15_000;
/** Events in one chunk, so that a slow reader of a long log costs little memory. */
const BATCH = 256;
const RETRY_MS = 1000;

/** Where a stream of events begins, and whether it goes on. */
export interface EventStreamOptions {
  readonly afterSeq: number;
  /** `false` ends the stream after the events that there are. */
  readonly follow: boolean;
  readonly clock: Clock;
}

/**
 * A run's events in the format of server-sent events (HTML Living Standard, section 9.2): `id` is the
 * sequence number, `data` the event as one line of JSON. Comments keep a silent stream open. It ends
 * with the run. Nothing is read ahead: events wait in the run's own log until the client takes them.
 */
export function eventStream(run: Run, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { clock, follow } = options;
  const encoder = new TextEncoder();
  let seq = options.afterSeq;
  let greeted = false;
  let pause: AbortController | undefined;
  let isLeft = false;

  /** Waits for an event; `true` when the heartbeat came first. */
  async function waitForChange(): Promise<boolean> {
    const waiting = pause = new AbortController();
    let silent = false;
    const stopTimer = clock.after(HEARTBEAT_MS, () => {
      silent = true;
      waiting.abort();
    });
    await run.changed(seq, waiting.signal);
    stopTimer();
    pause = undefined;
    return silent;
  }

  async function next(): Promise<string | undefined> {
    if (!greeted) {
      greeted = true;
      return `retry: ${RETRY_MS}\n\n${take()}`;
    }
    const text = take();
    if (text !== "") return text;
    if (!follow || isOver(run)) return undefined;
    return await waitForChange() ? ": still here\n\n" : take();
  }

  function take(): string {
    const batch = run.eventsSoFar(seq, BATCH);
    seq = batch.at(-1)?.seq ?? seq;
    return batch.map(format).join("");
  }

  return new ReadableStream({
    async pull(controller) {
      // A run that ends without a further event leaves nothing to send, and then the stream ends.
      for (;;) {
        const text = await next();
        if (isLeft) return;
        if (text === undefined) return controller.close();
        if (text !== "") return controller.enqueue(encoder.encode(text));
      }
    },
    cancel() {
      isLeft = true;
      pause?.abort();
    },
  }, { highWaterMark: 0 });
}

/** No event follows. */
export function isOver(run: Run): boolean {
  return run.status !== "running" && run.status !== "queued";
}

function format(event: RunEvent): string {
  return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}
