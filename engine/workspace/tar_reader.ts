import { archiveInvalid } from "./archive_invalid.ts";
import { ByteReader } from "./byte_reader.ts";
import { type BlockHeader, decodeBlock } from "./decode_block.ts";
import { decodePax } from "./decode_pax.ts";
import { BLOCK_BYTES, paddingOf, type TarEntry, type TarKind } from "./tar_entry.ts";

const KINDS: { readonly [type: string]: TarKind } = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
  "7": "file",
};
const DEVICES: { readonly [type: string]: string } = {
  "3": "a device",
  "4": "a device",
  "6": "a named pipe",
};
/** Names and attributes of one entry: more is no archive that anybody packed. */
const MAX_EXTENSION_BYTES = 1024 * 1024;

/** What goes before an entry in blocks of its own, and replaces fields of its header. */
interface Extension {
  path?: string | undefined;
  linkPath?: string | undefined;
  sizeBytes?: number | undefined;
  mtime?: number | undefined;
}

/**
 * Reads a tar stream entry by entry: POSIX ustar and pax, GNU's long names and binary sizes. Paths come as they
 * are written, apart from slashes at the end.
 *
 * @throws {CodedError} `ARCHIVE_INVALID` for one that is damaged, cut off, or holds devices or sparse files
 */
export class TarReader {
  readonly #bytes: ByteReader;
  /** Of the entry's content, and the padding behind it. */
  #left = 0;
  #padding = 0;
  #path = "";
  #global: Extension = {};

  constructor(tar: ReadableStream<Uint8Array>) {
    this.#bytes = new ByteReader(tar);
  }

  /** The next entry; what was not read of the last one is skipped. Undefined at the end of the archive. */
  async next(): Promise<TarEntry | undefined> {
    await this.#skip();
    let extension: Extension = {};
    for (;;) {
      const block = await this.#bytes.take(BLOCK_BYTES);
      if (block.length < BLOCK_BYTES) {
        const after = this.#path === "" ? "before its first entry" : `after "${this.#path}"`;
        throw archiveInvalid("an archive", `it must end with an empty block: it ends ${after}`);
      }
      const header = decodeBlock(block, this.#path);
      if (header === undefined) {
        while (await this.#bytes.some(Number.MAX_SAFE_INTEGER) !== undefined);
        return undefined;
      }
      switch (header.type) {
        case "L":
          extension.path = await this.#text(header);
          break;
        case "K":
          extension.linkPath = await this.#text(header);
          break;
        case "x":
          extension = { ...extension, ...decodePax(await this.#extension(header), header.path) };
          break;
        case "g":
          this.#global = {
            ...this.#global,
            ...decodePax(await this.#extension(header), header.path),
          };
          break;
        default:
          return this.#entry(header, { ...this.#global, ...extension });
      }
    }
  }

  /** The rest of the entry's content in pieces, undefined at its end. They may share memory with the stream's chunks. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#left === 0) return undefined;
    const piece = await this.#bytes.some(this.#left);
    if (piece === undefined) throw this.#cut();
    this.#left -= piece.length;
    return piece;
  }

  /** The rest of the entry's content as a whole. */
  async readAll(): Promise<Uint8Array> {
    const content = await this.#bytes.take(this.#left);
    if (content.length < this.#left) throw this.#cut();
    this.#left = 0;
    return content;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#bytes.cancel(reason);
  }

  #entry(header: BlockHeader, extension: Extension): TarEntry {
    const path = extension.path ?? header.path;
    const kind = KINDS[header.type];
    if (kind === undefined) {
      const what = DEVICES[header.type] ?? `an entry of type "${printable(header.type)}"`;
      throw archiveInvalid(
        `"${path}"`,
        `only files, folders and links are unpacked: it is ${what}`,
      );
    }
    // Archives before POSIX have no type for folders.
    const isFolder = kind === "directory" || kind === "file" && path.endsWith("/");
    const sizeBytes = kind === "file" && !isFolder ? extension.sizeBytes ?? header.sizeBytes : 0;
    this.#left = sizeBytes;
    this.#padding = paddingOf(sizeBytes);
    this.#path = path;
    return {
      path: path.replace(/\/+$/, ""),
      kind: isFolder ? "directory" : kind,
      mode: header.mode,
      mtime: extension.mtime ?? header.mtime,
      sizeBytes,
      linkPath: extension.linkPath ?? header.linkPath,
    };
  }

  async #skip(): Promise<void> {
    while (await this.read() !== undefined);
    if (this.#padding === 0) return;
    const padding = await this.#bytes.take(this.#padding);
    if (padding.length < this.#padding) throw this.#cut();
    this.#padding = 0;
  }

  async #text(header: BlockHeader): Promise<string> {
    const bytes = await this.#extension(header);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  async #extension(header: BlockHeader): Promise<Uint8Array> {
    if (header.sizeBytes > MAX_EXTENSION_BYTES) {
      throw archiveInvalid(
        `"${header.path}"`,
        `names and attributes have at most ${MAX_EXTENSION_BYTES} bytes: they have ${header.sizeBytes}`,
      );
    }
    const whole = await this.#bytes.take(header.sizeBytes + paddingOf(header.sizeBytes));
    if (whole.length < header.sizeBytes) throw this.#cut(header.path);
    return whole.subarray(0, header.sizeBytes);
  }

  #cut(path = this.#path): Error {
    return archiveInvalid(`"${path}"`, "an archive must be whole: it ends within that entry");
  }
}

function printable(type: string): string {
  return /^[!-~]$/.test(type) ? type : `\\x${type.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
