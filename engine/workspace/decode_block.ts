import { archiveInvalid } from "./archive_invalid.ts";

/** A header block as it stands, without what entries before it say about it. */
export interface BlockHeader {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** Epoch seconds. */
  readonly mtime: number;
  readonly linkPath: string;
}

const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;

const decoder = new TextDecoder();

/**
 * Reads one block of 512 bytes. Undefined for an empty one, which ends an archive.
 *
 * @param after the entry before it, for the message
 * @throws {CodedError} `ARCHIVE_INVALID` when its checksum is wrong, or a number cannot be read
 */
export function decodeBlock(block: Uint8Array, after: string): BlockHeader | undefined {
  const sum = sumOf(block);
  if (sum === undefined) return undefined;
  const stated = numberAt(block, CHECKSUM_AT, 8);
  if (stated !== sum.unsigned && stated !== sum.signed) {
    const place = after === "" ? "its first block" : `the block after "${after}"`;
    throw archiveInvalid("an archive", `each entry begins with a header: ${place} is none`);
  }
  const name = textAt(block, 0, 100);
  const sizeBytes = numberAt(block, 124, 12);
  if (sizeBytes === undefined || sizeBytes < 0 || !Number.isSafeInteger(sizeBytes)) {
    throw archiveInvalid(`"${name}"`, "an entry has a size: it cannot be read");
  }
  const isPosix = textAt(block, 257, 6) === "ustar" && block[262] === 0;
  const prefix = isPosix ? textAt(block, 345, 155) : "";
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] ?? 0),
    mode: (numberAt(block, 100, 8) ?? 0) & 0o7777,
    sizeBytes,
    mtime: numberAt(block, 136, 12) ?? 0,
    linkPath: textAt(block, 157, 100),
  };
}

/** Both ways in which programs add the bytes up, the field itself counted as spaces; undefined when all are zero. */
function sumOf(block: Uint8Array): { unsigned: number; signed: number } | undefined {
  let unsigned = 0;
  let high = 0;
  for (const byte of block) {
    unsigned += byte;
    high += byte >> 7;
  }
  if (unsigned === 0) return undefined;
  for (let at = CHECKSUM_AT; at < CHECKSUM_END; at++) {
    const byte = block[at] ?? 0;
    unsigned += 0x20 - byte;
    high -= byte >> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

/** Octal digits, or GNU's binary form for what they cannot hold. Undefined for anything else; empty is 0. */
function numberAt(block: Uint8Array, at: number, length: number): number | undefined {
  const first = block[at] ?? 0;
  if (first & 0x80) {
    let value = first & 0x40 ? -1 : first & 0x3f;
    for (let i = 1; i < length; i++) value = value * 256 + (block[at + i] ?? 0);
    return value;
  }
  const text = textAt(block, at, length).trim();
  if (text === "") return 0;
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
}

function textAt(block: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  return decoder.decode(block.subarray(at, end));
}
