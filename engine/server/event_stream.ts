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
  /** What is sent of an event, nothing of some; by default all of it. */
  format?(event: RunEvent): string;
  /** Whether the stream ends with an event, as nothing that it shows can follow. */
  isLast?(event: RunEvent): boolean;
  /** The run as it can be followed from now on, when this engine has let go of it; `undefined` ends the stream. */
  again(left: Run): Promise<Run | undefined>;
}

/**
 * A run's events in the format of server-sent events (HTML Living Standard, section 9.2): `id` is the
 * sequence number, `data` the event as one line of JSON. Comments keep a silent stream open. It ends
 * with the run, whichever engine ends it. Nothing is read ahead: events wait in the run's own log, or in
 * the storage, until the client takes them.
 */
export function eventStream(first: Run, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { clock, follow, format = formatEvent, isLast = () => false } = options;
  const encoder = new TextEncoder();
  let run = first;
  let seq = options.afterSeq;
  let greeted = false;
  let pause: AbortController | undefined;
  let isLeft = false;
  let hasEnded = false;

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

  /** The next text; empty when there is reason to look again, `undefined` at the end. */
  async function next(): Promise<string | undefined> {
    if (!greeted) {
      greeted = true;
      return `retry: ${RETRY_MS}\n\n${await take()}`;
    }
    if (hasEnded) return undefined;
    // Before the events: what is over now has all of them.
    const isEnd = isOver(run);
    const text = await take();
    if (text !== "") return text;
    if (!follow || isEnd) return undefined;
    if (await waitForChange()) return ": still here\n\n";
    const more = await take();
    if (more !== "" || run.status !== "interrupted") return more;
    // This engine has let go of it: nothing follows in its log.
    const found = await options.again(run);
    if (found === undefined) return undefined;
    run = found;
    return "";
  }

  async function take(): Promise<string> {
    while (!isLeft && !hasEnded) {
      const batch = await run.eventsSoFar(seq, BATCH);
      seq = batch.at(-1)?.seq ?? seq;
      hasEnded = batch.some(isLast);
      const text = batch.map(format).join("");
      if (text !== "" || batch.length === 0) return text;
    }
    return "";
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

/** No event follows, here or elsewhere. */
export function isOver({ status }: Pick<Run, "status">): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

function formatEvent(event: RunEvent): string {
  return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}
