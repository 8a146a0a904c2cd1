import { archiveInvalid } from "./archive_invalid.ts";

/** What a pax header says of the entry behind it; other keys are of no use here. */
export interface PaxAttributes {
  path?: string;
  linkPath?: string;
  sizeBytes?: number;
  /** Epoch seconds. */
  mtime?: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;

/**
 * Reads the records `<length> <key>=<value>\n` of a pax header (POSIX.1-2001, "pax Extended Header").
 *
 * @throws {CodedError} `ARCHIVE_INVALID` when they are damaged, or the entry is a sparse file
 */
export function decodePax(bytes: Uint8Array, name: string): PaxAttributes {
  const decoder = new TextDecoder();
  const attributes: PaxAttributes = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    const digits = space < 0 ? "" : decoder.decode(bytes.subarray(at, space));
    const end = at + Number(digits);
    const isWhole = /^[0-9]{1,10}$/.test(digits) && end > space + 1 && end <= bytes.length &&
      bytes[end - 1] === NEWLINE;
    const record = isWhole ? decoder.decode(bytes.subarray(space + 1, end - 1)) : "";
    const equals = record.indexOf("=");
    if (equals < 1) {
      throw archiveInvalid(`"${name}"`, "its attributes must be readable: they are damaged");
    }
    assign(attributes, record.slice(0, equals), record.slice(equals + 1), name);
    at = end;
  }
  return attributes;
}

function assign(attributes: PaxAttributes, key: string, value: string, name: string): void {
  if (key.startsWith("GNU.sparse.")) {
    throw archiveInvalid(`"${name}"`, "sparse files are not unpacked: pack it without --sparse");
  }
  if (key === "path") attributes.path = value;
  else if (key === "linkpath") attributes.linkPath = value;
  else if (key === "size") attributes.sizeBytes = wholeNumber(value, name);
  else if (key === "mtime") attributes.mtime = Number.isFinite(Number(value)) ? Number(value) : 0;
}

function wholeNumber(value: string, name: string): number {
  if (/^[0-9]+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  throw archiveInvalid(`"${name}"`, "an entry has a size: it cannot be read");
}
