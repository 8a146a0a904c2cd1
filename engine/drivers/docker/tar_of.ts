/** An entry to pack; a folder when it has neither content nor target. */
export interface PackedEntry {
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array | undefined;
  /** Of a symlink. */
  readonly linkPath?: string;
}

const NAME_BYTES = 100;

/** A small archive, made in memory: POSIX ustar, all of it root's and of 1970. */
export function tarOf(entries: readonly PackedEntry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap(({ content, ...entry }) => {
    const padding = new Uint8Array((512 - (content?.length ?? 0) % 512) % 512);
    const type = entry.linkPath !== undefined ? "2" : content === undefined ? "5" : "0";
    const long = [...longName("K", entry.linkPath ?? ""), ...longName("L", entry.path)];
    const head = headerOf({ ...entry, content }, type);
    return content === undefined ? [...long, head] : [...long, head, content, padding];
  });
  parts.push(new Uint8Array(1024));
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** As GNU has it: an entry of its own, before the one whose name does not fit. */
function longName(type: "K" | "L", name: string): Uint8Array[] {
  const content = new TextEncoder().encode(`${name}\0`);
  if (content.length - 1 <= NAME_BYTES) return [];
  const padding = new Uint8Array((512 - content.length % 512) % 512);
  return [headerOf({ path: "././@LongLink", mode: 0o644, content }, type), content, padding];
}

function headerOf({ path, mode, content, linkPath = "" }: PackedEntry, type: string): Uint8Array {
  const block = new Uint8Array(512);
  const encoder = new TextEncoder();
  const put = (at: number, text: string) =>
    void encoder.encodeInto(text, block.subarray(at, at + NAME_BYTES));
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(0, path);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(content?.length ?? 0, 11));
  put(136, octal(0, 11));
  put(148, "        ");
  put(156, type);
  put(157, linkPath);
  put(257, "ustar\x0000");
  put(148, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return block;
}
