import type { OutputPipe } from "../programs/mod.ts";

/** What a stream kept, as far as it is looked at here. */
type Kept = Pick<OutputPipe, "kept">;

/**
 * The texts of both streams of a program, with a note at the end of each that is not whole. As JSON they have
 * `maxBytes` together, so that the frame of an answer always takes them; the shorter one is kept whole when it
 * fits into half of that.
 */
export function keptTexts(
  streams: { readonly stdout: Kept; readonly stderr: Kept },
  maxBytes: number,
): { readonly stdout: string; readonly stderr: string } {
  const [stdout, stderr] = [read(streams.stdout), read(streams.stderr)];
  // A character is at most six bytes of JSON.
  if ((stdout.text.length + stderr.text.length) * 6 <= maxBytes) {
    return { stdout: noted(stdout, stdout.text.length), stderr: noted(stderr, stderr.text.length) };
  }
  const half = Math.floor(maxBytes / 2);
  const ofStdout = fitting(stdout.text, half);
  const ofStderr = fitting(stderr.text, maxBytes - ofStdout.bytes);
  const again = ofStdout.end < stdout.text.length
    ? fitting(stdout.text, maxBytes - Math.min(ofStderr.bytes, half))
    : ofStdout;
  const last = fitting(stderr.text, maxBytes - again.bytes);
  return { stdout: noted(stdout, again.end), stderr: noted(stderr, last.end) };
}

interface Read {
  readonly text: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

function read(pipe: Kept): Read {
  const { bytes, totalBytes } = pipe.kept();
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return { text, bytes: bytes.length, totalBytes };
}

function noted({ text, bytes, totalBytes }: Read, end: number): string {
  const isWhole = end === text.length;
  if (isWhole && totalBytes <= bytes) return text;
  const kept = isWhole ? text : text.slice(0, end);
  const keptBytes = isWhole ? bytes : new TextEncoder().encode(kept).length;
  return `${kept}\n[cut off: ${keptBytes} of ${totalBytes} bytes]\n`;
}

/** How far a text goes that has at most `maxBytes` as JSON, and how many those are. */
function fitting(text: string, maxBytes: number): { readonly end: number; readonly bytes: number } {
  let bytes = 0;
  for (let i = 0; i < text.length;) {
    const point = text.codePointAt(i) ?? 0;
    const cost = jsonBytes(point);
    if (bytes + cost > maxBytes) return { end: i, bytes };
    bytes += cost;
    i += point > 0xffff ? 2 : 1;
  }
  return { end: text.length, bytes };
}

const SHORT_ESCAPES: ReadonlySet<number> = new Set(
  [...'\b\t\n\f\r"\\'].map((c) => c.charCodeAt(0)),
);

function jsonBytes(point: number): number {
  if (point < 0x80) {
    if (SHORT_ESCAPES.has(point)) return 2;
    return point < 0x20 ? 6 : 1;
  }
  if (point < 0x800) return 2;
  return point > 0xffff ? 4 : 3;
}
