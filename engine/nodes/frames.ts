/**
 * Length-prefixed frames between the engine and a node host: 4 bytes payload length, 1 byte kind,
 * 4 bytes id (both numbers little-endian), then the payload, which is UTF-8 JSON or empty.
 */

const HEADER_BYTES = 9;
const FIRST_BUFFER_BYTES = 64 * 1024;
/** Above this a payload is encoded to its exact size; below, room for the worst case is reserved. */
const LARGE_PAYLOAD_CHARS = 64 * 1024;

/** What a frame says. */
export const FrameKind = {
  // engine to host
  INIT: 1,
  CALL: 2,
  ABORT: 3,
  ANSWER: 4,
  TELL: 5,
  // host to engine
  HELLO: 10,
  IMPORTING: 11,
  READY: 12,
  BEGIN: 13,
  DONE: 14,
  FAILED: 15,
  LOG: 16,
  FETCH: 17,
  EXCHANGE: 18,
  FETCHED: 19,
  ASK: 20,
  UNASK: 21,
} as const;

const LAST_KIND = Math.max(...Object.values(FrameKind));

/** Both ends of a connection, as far as frames need them. */
export interface ByteChannel {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes frames in order. What is written while a write is under way goes out with the next one. */
export class FrameWriter {
  readonly #channel: ByteChannel;
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  #spare = new Uint8Array(FIRST_BUFFER_BYTES);
  #length = 0;
  #writing: Promise<void> | undefined;
  #broken = false;

  constructor(channel: ByteChannel) {
    this.#channel = channel;
  }

  /** Queues a frame and, when nothing is under way, hands it to the kernel before returning. */
  write(kind: number, id: number, payload = ""): void {
    if (this.#broken) return;
    let bytes: number;
    if (payload.length > LARGE_PAYLOAD_CHARS) {
      const encoded = this.#encoder.encode(payload);
      this.#reserve(HEADER_BYTES + encoded.length);
      this.#buffer.set(encoded, this.#length + HEADER_BYTES);
      bytes = encoded.length;
    } else {
      this.#reserve(HEADER_BYTES + payload.length * 3);
      const room = this.#buffer.subarray(this.#length + HEADER_BYTES);
      bytes = payload === "" ? 0 : this.#encoder.encodeInto(payload, room).written;
    }
    const view = new DataView(this.#buffer.buffer);
    view.setUint32(this.#length, bytes, true);
    view.setUint8(this.#length + 4, kind);
    view.setUint32(this.#length + 5, id, true);
    this.#length += HEADER_BYTES + bytes;
    this.#writing ??= this.#flush();
  }

  /** What waits for the write that is under way to end. */
  get queuedBytes(): number {
    return this.#length;
  }

  /** Resolves when everything written so far is with the kernel; at once when it already is. */
  flushed(): Promise<void> | undefined {
    return this.#writing;
  }

  #reserve(bytes: number): void {
    const need = this.#length + bytes;
    if (need <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(need, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }

  /** A failed write means that the other end is gone, which the reading side reports. */
  async #flush(): Promise<void> {
    try {
      while (this.#length > 0) {
        const out = this.#buffer;
        const length = this.#length;
        this.#buffer = this.#spare;
        this.#length = 0;
        for (let from = 0; from < length;) {
          from += await this.#channel.write(out.subarray(from, length));
        }
        this.#spare = out.length > FIRST_BUFFER_BYTES ? new Uint8Array(FIRST_BUFFER_BYTES) : out;
      }
    } catch {
      this.#broken = true;
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Why reading ended. `invalid` means that what came cannot be a frame. */
export type ReadEnd = "closed" | "invalid";

/**
 * Reads frames until the channel closes. `payload` is a view that is valid only during the call.
 * A frame that claims more than `maxPayloadBytes` ends the reading as `invalid`.
 */
export async function readFrames(
  channel: ByteChannel,
  maxPayloadBytes: number,
  onFrame: (kind: number, id: number, payload: Uint8Array) => void,
): Promise<ReadEnd> {
  let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  let start = 0;
  let end = 0;
  for (;;) {
    let read: number | null;
    try {
      read = await channel.read(buffer.subarray(end));
    } catch {
      return "closed";
    }
    if (read === null) return "closed";
    end += read;
    const view = new DataView(buffer.buffer);
    let needed = HEADER_BYTES;
    while (end - start >= HEADER_BYTES) {
      const payloadBytes = view.getUint32(start, true);
      const kind = view.getUint8(start + 4);
      if (payloadBytes > maxPayloadBytes || kind === 0 || kind > LAST_KIND) {
        return "invalid";
      }
      needed = HEADER_BYTES + payloadBytes;
      if (end - start < needed) break;
      const from = start + HEADER_BYTES;
      start += needed;
      needed = HEADER_BYTES;
      onFrame(kind, view.getUint32(from - 4, true), buffer.subarray(from, start));
    }
    if (start === end) {
      start = end = 0;
      if (buffer.length > 16 * FIRST_BUFFER_BYTES) buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    } else if (buffer.length - start < needed || buffer.length - end < HEADER_BYTES) {
      const target = buffer.length < needed ? new Uint8Array(needed + FIRST_BUFFER_BYTES) : buffer;
      target.set(buffer.subarray(start, end));
      buffer = target;
      end -= start;
      start = 0;
    }
  }
}
