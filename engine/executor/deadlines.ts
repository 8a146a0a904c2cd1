import type { Clock } from "../clock/mod.ts";

/** Something that must be over in time. */
export interface Expiring {
  /** True once nothing is left to expire. */
  readonly isOver: boolean;
  /** Called at most once, when time is up and it is not over. */
  expire(): void;
}

/** Deadlines that lie equally far ahead, so that they fall due in the order they were set. */
interface Queue {
  readonly delayMs: number;
  readonly entries: Expiring[];
  /** When each entry falls due, by the monotonic clock. */
  readonly due: number[];
  /** The first entry that still counts. */
  head: number;
  /** Disarms the one timer of this queue. */
  disarm: (() => void) | undefined;
}

/** Entries that are over before a queue is packed. */
const PACK_AFTER = 1024;

/**
 * The timeouts of one run. Nodes come and go in microseconds and nearly none times out, so setting a
 * deadline puts it in a line, and each line has one timer: 0.1 µs each, where a timer of the runtime
 * takes 2 µs.
 */
export class Deadlines implements Disposable {
  readonly #clock: Clock;
  readonly #queues = new Map<number, Queue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Expires `entry` in `delayMs` unless it is over by then. */
  set(delayMs: number, entry: Expiring): void {
    let queue = this.#queues.get(delayMs);
    if (queue === undefined) {
      queue = { delayMs, entries: [], due: [], head: 0, disarm: undefined };
      this.#queues.set(delayMs, queue);
    }
    dropOver(queue);
    queue.entries.push(entry);
    queue.due.push(this.#clock.monotonic() + delayMs);
    if (queue.disarm === undefined) this.#arm(queue, delayMs);
  }

  #arm(queue: Queue, delayMs: number): void {
    queue.disarm = this.#clock.after(delayMs, () => {
      queue.disarm = undefined;
      this.#expireDue(queue);
    });
  }

  #expireDue(queue: Queue): void {
    const now = this.#clock.monotonic();
    const expired: Expiring[] = [];
    for (dropOver(queue); queue.head < queue.entries.length; dropOver(queue)) {
      const leftMs = (queue.due[queue.head] as number) - now;
      if (leftMs > 0) {
        this.#arm(queue, Math.ceil(leftMs));
        break;
      }
      expired.push(queue.entries[queue.head++] as Expiring);
    }
    // Last, as what expires may set new deadlines.
    for (const entry of expired) if (!entry.isOver) entry.expire();
  }

  /** Forgets every deadline. */
  [Symbol.dispose](): void {
    for (const queue of this.#queues.values()) queue.disarm?.();
    this.#queues.clear();
  }
}

function dropOver(queue: Queue): void {
  const { entries, due } = queue;
  while (queue.head < entries.length && (entries[queue.head] as Expiring).isOver) queue.head++;
  if (queue.head === entries.length) {
    entries.length = due.length = queue.head = 0;
  } else if (queue.head >= PACK_AFTER && queue.head * 2 >= entries.length) {
    entries.splice(0, queue.head);
    due.splice(0, queue.head);
    queue.head = 0;
  }
}
