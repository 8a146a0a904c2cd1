import { characterEnd, characterStart, joinBytes } from "../bytes/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import { isOver } from "./is_over.ts";
import type { LogChunk } from "./records.ts";
import type { Storage } from "./storage.ts";

/** Where in a log a reader has arrived. */
interface Place {
  /** Number of the last event whose whole line lies before `byte`. */
  readonly seq: number;
  readonly byte: number;
}

const PAGE = 500;
const MAX_PLACES = 256;
/** The longest character of UTF-8: no chunk is smaller. */
const MIN_BYTES = 4;

/** One line of a log as `readLog` gives it: time, level, node, message, fields. It ends with a newline. */
export function logLine(event: RunEvent & { readonly kind: "log" }): string {
  const { at, level, node, message, fields } = event;
  const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
  const text = message.replace(/\r?\n/g, "\n  ");
  return `${new Date(at).toISOString()} ${level.padEnd(5)} [${node}] ${text}${more}\n`;
}

/**
 * `readLog` of any storage, made of its `getRun` and `readEvents`. Offsets count bytes of UTF-8 in the text of
 * all lines asked for. Where a reader has arrived is remembered, so that following a log does not read
 * it from its beginning each time.
 */
export class LogReader {
  readonly #storage: Pick<Storage, "getRun" | "readEvents">;
  readonly #places = new Map<string, Place>();
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  constructor(storage: Pick<Storage, "getRun" | "readEvents">) {
    this.#storage = storage;
  }

  /** A chunk never ends within a character; `maxBytes` counts as 4 at least. */
  async read(
    runId: string,
    { node, fromByte, maxBytes }: {
      readonly node?: string;
      readonly fromByte: number;
      readonly maxBytes: number;
    },
  ): Promise<LogChunk> {
    // The state is read first: a run that is over by then has all its events.
    const run = await this.#storage.getRun(runId);
    const hasEnded = run === undefined || isOver(run.status);
    const wanted = Math.max(MIN_BYTES, maxBytes);
    const parts: Uint8Array[] = [];
    let have = 0;
    let { seq, byte } = this.#places.get(keyOf(runId, node, fromByte)) ?? { seq: 0, byte: 0 };
    let place: Place = { seq, byte };
    for (;;) {
      const events = await this.#storage.readEvents(runId, seq, PAGE);
      for (const event of events) {
        seq = event.seq;
        if (event.kind !== "log" || (node !== undefined && event.node !== node)) {
          place = { seq, byte };
          continue;
        }
        const line = this.#encoder.encode(logLine(event));
        const skipped = Math.max(0, fromByte - byte);
        if (skipped < line.length) {
          const part = line.subarray(characterStart(line, skipped));
          parts.push(part);
          have += part.length;
        }
        byte += line.length;
        if (have >= wanted) break;
        place = { seq, byte };
      }
      if (have >= wanted || events.length < PAGE) break;
    }
    const bytes = joinBytes(parts, have);
    const end = have <= wanted ? have : characterEnd(bytes, wanted);
    // An offset within a character, or behind the end, moves to the next place that is one.
    const start = have === 0 ? Math.min(fromByte, byte) : byte - have;
    const nextByte = start + end;
    if (place.byte <= nextByte) this.#remember(keyOf(runId, node, nextByte), place);
    return {
      text: this.#decoder.decode(bytes.subarray(0, end)),
      nextByte,
      isEnd: hasEnded && end === have && have < wanted,
    };
  }

  #remember(key: string, place: Place): void {
    this.#places.delete(key);
    this.#places.set(key, place);
    if (this.#places.size <= MAX_PLACES) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      break;
    }
  }
}

function keyOf(runId: string, node: string | undefined, byte: number): string {
  return `${runId} ${byte} ${node ?? "*"}`;
}
