import type { JsonValue } from "../json/mod.ts";

/** Deepest nesting that a file may have: comparing and printing its values recurses that deep. */
const MAX_DEPTH = 500;

/** Keys and list positions from the top of a JSON text. */
export type JsonPath = readonly (string | number)[];

/** Where a value stands in its text: offsets of its first character and the one after its last. */
export interface JsonRange {
  readonly start: number;
  readonly end: number;
}

/** A JSON text with the place of each of its values. */
export interface JsonSource {
  readonly text: string;
  readonly value: JsonValue;
  /** The range of the value at `path`, or of its nearest parent that exists. */
  range(path: JsonPath): JsonRange;
}

/** A text is not JSON; `offset` is where it stops being so. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

/** Line and column of an offset, both counted from 1. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

/**
 * Parses JSON (RFC 8259) and remembers where each value stands.
 *
 * @throws {JsonSyntaxError} also for a key given twice, and for nesting deeper than 500
 */
export function parseJsonSource(text: string): JsonSource {
  const root = new Scanner(text).document();
  return {
    text,
    value: JSON.parse(text) as JsonValue,
    range(path) {
      let place = root;
      for (const key of path) {
        const child = place.children?.get(key);
        if (child === undefined) break;
        place = child;
      }
      return { start: place.start, end: place.end };
    },
  };
}

interface Place extends JsonRange {
  readonly children?: ReadonlyMap<string | number, Place>;
}

const SPACE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Place {
    this.#take(SPACE);
    const place = this.#value(0);
    this.#take(SPACE);
    if (this.#at < this.#text.length) this.#fail("nothing may follow the value");
    return place;
  }

  #value(depth: number): Place {
    if (depth > MAX_DEPTH) this.#fail(`it nests deeper than ${MAX_DEPTH} levels`);
    const start = this.#at;
    const first = this.#text[start];
    if (first === "{") return { start, children: this.#object(depth), end: this.#at };
    if (first === "[") return { start, children: this.#array(depth), end: this.#at };
    if (first === '"') this.#string();
    else if (this.#take(SCALAR) === "") this.#fail("a value is expected here");
    return { start, end: this.#at };
  }

  #object(depth: number): Map<string, Place> {
    const members = new Map<string, Place>();
    if (this.#opensEmpty("}")) return members;
    do {
      this.#take(SPACE);
      const start = this.#at;
      if (this.#text[start] !== '"') this.#fail("a key in double quotes is expected here");
      const key = JSON.parse(this.#string()) as string;
      if (members.has(key)) this.#fail(`the key "${key}" is given twice`, start);
      this.#take(SPACE);
      if (!this.#skip(":")) this.#fail('":" is expected here');
      this.#take(SPACE);
      members.set(key, this.#value(depth + 1));
    } while (this.#continues("}"));
    return members;
  }

  #array(depth: number): Map<number, Place> {
    const items = new Map<number, Place>();
    if (this.#opensEmpty("]")) return items;
    do {
      this.#take(SPACE);
      items.set(items.size, this.#value(depth + 1));
    } while (this.#continues("]"));
    return items;
  }

  #opensEmpty(close: string): boolean {
    this.#at++;
    this.#take(SPACE);
    return this.#skip(close);
  }

  #continues(close: string): boolean {
    this.#take(SPACE);
    if (this.#skip(",")) return true;
    if (this.#skip(close)) return false;
    return this.#fail(`"," or "${close}" is expected here`);
  }

  /** Reads a string by hand: a pattern over one of many megabytes overflows the stack. */
  #string(): string {
    const start = this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) this.#fail("this string does not end", start);
      if (character < " ") this.#fail("a string holds no line break or other control character");
      if (character === "\\" && this.#take(ESCAPE) === "") this.#fail("this escape is not known");
      else if (character !== "\\") this.#at++;
      if (character === '"') return this.#text.slice(start, this.#at);
    }
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += taken.length;
    return taken;
  }

  #fail(message: string, offset = this.#at): never {
    if (offset >= this.#text.length) throw new JsonSyntaxError("the text ends too early", offset);
    throw new JsonSyntaxError(message, offset);
  }
}
