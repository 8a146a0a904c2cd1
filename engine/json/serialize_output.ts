import { findUnserializable, hasUnserializable } from "./unserializable.ts";

/** The JSON text of an output, or why there is none. */
export type SerializedOutput =
  | { readonly ok: true; readonly text: string }
  | {
    readonly ok: false;
    readonly code: "NODE_OUTPUT_INVALID" | "NODE_OUTPUT_TOO_LARGE";
    readonly message: string;
    readonly fix: string;
  };

/**
 * The JSON text of what a node returned, with `JSON.stringify`'s rules where nothing is lost by them:
 * `undefined` is null at the top and dropped as a member, NaN and the infinities are null, `toJSON`
 * is honoured, instances of classes become their own fields. What JSON would silently turn into
 * something else (a function, a symbol, a Map, a Promise, bytes …) or cannot carry at all (a cycle, a
 * BigInt) is refused with the path to it. Never throws.
 *
 * @param maxBytes Largest text as UTF-8, inclusive.
 */
export function serializeOutput(value: unknown, maxBytes: number): SerializedOutput {
  if (value === undefined) return fitted("null", maxBytes);
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined && !hasUnserializable(value)) return fitted(text, maxBytes);
  } catch (error) {
    return refused(value, maxBytes, error);
  }
  return refused(value, maxBytes, undefined);
}

function fitted(text: string, maxBytes: number): SerializedOutput {
  // A UTF-16 unit is one to three bytes of UTF-8, so most texts need no counting.
  if (text.length * 3 <= maxBytes) return { ok: true, text };
  const sizeBytes = utf8Length(text);
  return sizeBytes <= maxBytes ? { ok: true, text } : tooLarge(`${sizeBytes} bytes`, maxBytes);
}

function refused(value: unknown, maxBytes: number, error: unknown): SerializedOutput {
  // Text beyond the longest string of the runtime: only `JSON.stringify` itself can say so.
  if (error instanceof RangeError && /string length/i.test(error.message)) {
    return tooLarge("more than the runtime can hold in one text", maxBytes);
  }
  const found = findUnserializable(value);
  if (found !== undefined) {
    return invalid(`${found.path} is ${found.what}`, found.fix);
  }
  if (error instanceof RangeError) {
    return invalid(
      "it is nested too deeply",
      "Return a flatter value, such as a list with parent ids",
    );
  }
  return invalid(
    `reading it threw ${describeThrown(error)}`,
    "Return a plain object, without a getter or toJSON that throws",
  );
}

function invalid(state: string, fix: string): SerializedOutput {
  return {
    ok: false,
    code: "NODE_OUTPUT_INVALID",
    message: `Cannot use the output as it must be JSON: ${state}`,
    fix,
  };
}

function tooLarge(size: string, maxBytes: number): SerializedOutput {
  return {
    ok: false,
    code: "NODE_OUTPUT_TOO_LARGE",
    message: `Cannot use the output as config.max_output is ${maxBytes} bytes: it is ${size}`,
    fix: "Return less (a path or a URL in place of the data), or raise config.max_output in " +
      "workflow.yaml",
  };
}

/** Bytes of `text` as UTF-8. `JSON.stringify` leaves no lone surrogates. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a pair stands for two of its four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function describeThrown(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  try {
    return String(error);
  } catch {
    return "something without a text";
  }
}
