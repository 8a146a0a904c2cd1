import type { Clock } from "../clock/mod.ts";
import type { Redactor } from "../context/mod.ts";
import type { ErrorRecord, RunEvent, RunEventBody } from "../executor/mod.ts";
import { measureJson } from "./json_measure.ts";

/** Log lines that one run keeps; the rest is counted. */
export const MAX_LOG_LINES = 10_000;
/** Bytes of log lines that one run keeps, roughly. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024;

const EVENT_BYTES = 160;

/** What a log of events needs. */
export interface RunLogOptions {
  readonly info: { readonly id: string };
  readonly clock: Clock;
  readonly redactor: Pick<Redactor, "event">;
  onEvent(event: RunEvent): void;
}

/**
 * The ordered events of one run. Each passes redaction once, when it is appended; whoever reads sees
 * the same objects in the same order. Nothing but the newest log lines of a chatty node is ever lost.
 */
export class RunLog {
  readonly #options: RunLogOptions;
  readonly #events: RunEvent[] = [];
  readonly #dropped = new Map<string, number>();
  #waiters: Set<() => void> | undefined;
  #logLines = 0;
  #logBytes = 0;
  #closed = false;

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /** How much memory the events take, roughly. */
  get sizeBytes(): number {
    let bytes = 0;
    for (const event of this.#events) {
      bytes += EVENT_BYTES;
      if (event.kind === "node.succeeded") bytes += measureJson(event.output).bytes;
      else if (event.kind === "run.started") bytes += measureJson(event.input).bytes;
      else if ("error" in event) bytes += errorBytes(event.error);
    }
    return bytes + this.#logBytes;
  }

  /** Appends an event, or counts it when it is one log line too many. */
  append(body: RunEventBody): RunEvent | undefined {
    if (this.#closed) return undefined;
    const shown = this.#options.redactor.event(body);
    if (shown.kind === "log" && !this.#hasRoom(shown)) return undefined;
    return this.#push(shown);
  }

  /** Says as events how many log lines were not kept, node by node. */
  reportDropped(): void {
    for (const [node, count] of this.#dropped) {
      this.#push({
        kind: "log",
        node,
        attempt: 1,
        level: "warn",
        message: `${count} further log ${count === 1 ? "line was" : "lines were"} not kept`,
      });
    }
    this.#dropped.clear();
  }

  /** No event follows. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Events with a higher number than `seq`, at most `limit` of them. */
  after(seq: number, limit = Infinity): readonly RunEvent[] {
    const from = Math.max(0, seq);
    return this.#events.slice(from, from + limit);
  }

  /** Resolves when there are events after `seq`, at the end, and on abort. */
  changed(seq: number, signal?: AbortSignal): Promise<void> {
    if (this.#events.length > seq || this.#closed || signal?.aborted) return Promise.resolve();
    const waiters = this.#waiters ??= new Set();
    return new Promise((resolve) => {
      function wake(): void {
        signal?.removeEventListener("abort", wake);
        waiters.delete(wake);
        resolve();
      }
      waiters.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Events after `seq`, then each as it comes, until the end or an abort. */
  async *follow(seq: number, signal?: AbortSignal): AsyncGenerator<RunEvent> {
    let at = Math.max(0, seq);
    while (!signal?.aborted) {
      const event = this.#events[at];
      if (event !== undefined) {
        at = event.seq;
        yield event;
      } else if (this.#closed) {
        return;
      } else {
        await this.changed(at, signal);
      }
    }
  }

  #hasRoom(line: RunEventBody & { readonly kind: "log" }): boolean {
    const bytes = EVENT_BYTES + line.message.length * 2 +
      (line.fields === undefined ? 0 : measureJson(line.fields).bytes);
    if (this.#logLines >= MAX_LOG_LINES || this.#logBytes + bytes > MAX_LOG_BYTES) {
      this.#dropped.set(line.node, (this.#dropped.get(line.node) ?? 0) + 1);
      return false;
    }
    this.#logLines++;
    this.#logBytes += bytes;
    return true;
  }

  #push(body: RunEventBody): RunEvent {
    const { info, clock } = this.#options;
    const event: RunEvent = {
      runId: info.id,
      seq: this.#events.length + 1,
      at: clock.now(),
      ...body,
    };
    this.#events.push(event);
    this.#options.onEvent(event);
    this.#wake();
    return event;
  }

  #wake(): void {
    if (this.#waiters === undefined) return;
    for (const wake of [...this.#waiters]) wake();
  }
}

function errorBytes(error: ErrorRecord): number {
  return 2 * (error.message.length + (error.stack?.length ?? 0) + (error.fix?.length ?? 0)) + 64;
}
