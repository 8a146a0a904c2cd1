import { DriverError } from "./driver_error.ts";

/** One entry of an archive, its long names put together. */
export interface TarItem {
  readonly path: string;
  readonly linkPath: string;
  /** As in the header: `0` a file, `1` a hard link, `2` a symlink, `5` a folder. */
  readonly type: string;
  readonly sizeBytes: number;
  /** Of its header, with what comes before that. */
  readonly headBytes: number;
  /** Where its names are, to be changed in place; lengths must stay. */
  readonly names: readonly TarName[];
}

/** A place that holds a name. */
export interface TarName {
  readonly of: "path" | "linkPath";
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Names that are longer are no names. */
const MAX_NAMES_BYTES = 1024 * 1024;

/**
 * Follows a tar stream on its way, chunk by chunk: POSIX ustar and pax, GNU's long names and binary sizes.
 * Bytes come out as they went in, but for what `onItem` changes; headers keep their length and get a fresh
 * checksum.
 *
 * @throws {DriverError} `ARCHIVE_INVALID` for one that is damaged or cut off
 */
export class TarWalker {
  readonly #onItem: (item: TarItem) => "drop" | void;
  /** Where in the chunk at hand headers are that do not go on. */
  #dropped: { readonly from: number; readonly to: number }[] = [];
  #waiting = new Uint8Array(0);
  /** Of the content of an entry, with its padding. */
  #left = 0;
  #isOver = false;

  /** @param onItem Sees each entry; `drop` leaves out one that has no content. */
  constructor(onItem: (item: TarItem) => "drop" | void) {
    this.#onItem = onItem;
  }

  /** What can go on: all but the beginning of a header that is not complete. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = concat(this.#waiting, chunk);
    let at = 0;
    while (at < bytes.length) {
      if (this.#isOver) at = bytes.length;
      else if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - at);
        this.#left -= count;
        at += count;
      } else {
        const end = this.#readHead(bytes, at);
        if (end === undefined) break;
        at = end;
      }
    }
    this.#waiting = bytes.slice(at);
    return this.#kept(bytes.subarray(0, at));
  }

  #kept(bytes: Uint8Array): Uint8Array {
    const dropped = this.#dropped;
    if (dropped.length === 0) return bytes;
    this.#dropped = [];
    let kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    let at = 0;
    for (const { from, to } of dropped) {
      kept = concat(kept, bytes.slice(at, from));
      at = to;
    }
    return concat(kept, bytes.slice(at));
  }

  /** To be called when the stream is over. */
  end(): void {
    if (this.#left > 0 || this.#waiting.length > 0 || !this.#isOver) {
      throw damaged("it ends too early");
    }
  }

  /** A header with what comes before it: where its content begins, or undefined when more is needed. */
  #readHead(bytes: Uint8Array, from: number): number | undefined {
    const names: TarName[] = [];
    const blocks: Uint8Array[] = [];
    let paxSize: number | undefined;
    for (let at = from; at + BLOCK <= bytes.length;) {
      const block = bytes.subarray(at, at + BLOCK);
      if (block.every((byte) => byte === 0)) {
        this.#isOver = true;
        return bytes.length;
      }
      if (numberAt(block, 148, 8) !== checksum(block)) throw damaged("a header is broken");
      blocks.push(block);
      const type = String.fromCharCode(block[156] ?? 0).replace("\0", "0");
      const size = numberAt(block, 124, 12);
      at += BLOCK;
      if (!"xgLK".includes(type)) {
        const head = { block, blocks, names, headBytes: at - from };
        const isDropped = this.#found(type, paxSize ?? size, head) === "drop";
        if (isDropped) this.#dropped.push({ from, to: at });
        return at;
      }
      if (size > MAX_NAMES_BYTES) throw damaged("a name is too long");
      if (at + padded(size) > bytes.length) return undefined;
      const data = bytes.subarray(at, at + size);
      if (type === "L") names.push({ of: "path", bytes: untilNull(data) });
      else if (type === "K") names.push({ of: "linkPath", bytes: untilNull(data) });
      else if (type === "x") paxSize = readPax(data, names) ?? paxSize;
      at += padded(size);
    }
    return undefined;
  }

  #found(
    type: string,
    size: number,
    head: {
      readonly block: Uint8Array;
      readonly blocks: readonly Uint8Array[];
      readonly names: readonly TarName[];
      readonly headBytes: number;
    },
  ): "drop" | void {
    const { block, blocks } = head;
    const name = untilNull(block.subarray(0, 100));
    const link = untilNull(block.subarray(157, 257));
    const isPosix = decoder.decode(block.subarray(257, 263)) === "ustar\0";
    const prefix = isPosix ? untilNull(block.subarray(345, 500)) : new Uint8Array(0);
    const own = prefix.length === 0
      ? decoder.decode(name)
      : `${decoder.decode(prefix)}/${decoder.decode(name)}`;
    const long = (of: TarName["of"]) => head.names.findLast((found) => found.of === of);
    const path = long("path");
    const linkPath = long("linkPath");
    const hasContent = type === "0" || type === "7";
    this.#left = hasContent ? padded(size) : 0;
    const answer = this.#onItem({
      path: path === undefined ? own : decoder.decode(path.bytes),
      linkPath: decoder.decode(linkPath?.bytes ?? link),
      type,
      sizeBytes: hasContent ? size : 0,
      headBytes: head.headBytes,
      names: [
        ...head.names,
        { of: "path", bytes: prefix.length === 0 ? name : prefix },
        { of: "linkPath", bytes: link },
      ],
    });
    for (const changed of blocks) writeChecksum(changed);
    return answer;
  }
}

const decoder = new TextDecoder();

/** The error for an archive that cannot be unpacked. */
export function damaged(state: string): DriverError {
  return new DriverError("ARCHIVE_INVALID", `Cannot unpack an archive as it is damaged: ${state}`, {
    fix: "tar -C <folder> -cf <archive> .",
  });
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function concat<T extends Uint8Array>(first: Uint8Array, second: T): T | Uint8Array<ArrayBuffer> {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function untilNull(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Octal digits, or GNU's binary form for what does not fit. */
function numberAt(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if ((field[0] ?? 0) & 0x80) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (Number.isSafeInteger(value)) return value;
    throw damaged("a number of a header is too large");
  }
  const text = decoder.decode(untilNull(field)).trim();
  if (!/^[0-7]*$/.test(text)) throw damaged("a number of a header is broken");
  return text === "" ? 0 : parseInt(text, 8);
}

/** Sum of all bytes, those of the checksum itself as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

function writeChecksum(block: Uint8Array): void {
  const sum = checksum(block);
  if (numberAt(block, 148, 8) === sum) return;
  new TextEncoder().encodeInto(`${sum.toString(8).padStart(6, "0")}\0 `, block.subarray(148, 156));
}

/** Records `<length> <key>=<value>\n`; what they say of the size. */
function readPax(data: Uint8Array, names: TarName[]): number | undefined {
  let size: number | undefined;
  for (let at = 0; at < data.length;) {
    const length = parseInt(decoder.decode(data.subarray(at, at + 10)), 10);
    const record = data.subarray(at, at + length);
    const space = record.indexOf(32);
    const equals = record.indexOf(61);
    if (!(length > 0) || record.length < length || space < 0 || equals < space) {
      throw damaged("attributes of an entry are broken");
    }
    const key = decoder.decode(record.subarray(space + 1, equals));
    const value = record.subarray(equals + 1, length - 1);
    if (key === "path") names.push({ of: "path", bytes: value });
    else if (key === "linkpath") names.push({ of: "linkPath", bytes: value });
    else if (key === "size") size = Number(decoder.decode(value));
    at += length;
  }
  if (size !== undefined && !Number.isSafeInteger(size)) throw damaged("an entry has no size");
  return size;
}
