import { isPemHeaderPart, openPem, pemHeaderEnd, readPem } from "./pem_block.ts";

/** A match that has reached the end of the text and goes on with what comes next. */
export interface OpenRun {
  /** Takes in what belongs to it and returns where it ends; `text.length` when it is still open. */
  extend(text: string, from: number): number;
}

/** What stands at a place. */
export type ShapeMatch =
  /** Nothing, and nothing that begins before `deadEnd` either. */
  | { readonly kind: "none"; readonly deadEnd: number }
  /** What more text may complete. */
  | { readonly kind: "partial" }
  | { readonly kind: "token"; readonly end: number; readonly run: OpenRun };

const PARTIAL: ShapeMatch = { kind: "partial" };
const NONE: ShapeMatch = { kind: "none", deadEnd: 0 };

/** A well-known form of credential that is recognised without knowing its value. */
export interface TokenShape {
  /** How it begins: at least four characters, in ASCII. */
  readonly heads: readonly string[];
  /** Looks at a place where one of `heads` may stand. `isFinal` says that no more text follows. */
  match(text: string, at: number, isFinal: boolean): ShapeMatch;
}

/** All of them. */
export function tokenShapes(): readonly TokenShape[] {
  return [
    new RunShape(["ghp_", "gho_", "ghs_", "ghu_", "ghr_"], /[A-Za-z0-9_]/, 10),
    new RunShape(["github_pat_"], /[A-Za-z0-9_]/, 10),
    new RunShape(["AKIA", "ASIA"], /[A-Z0-9]/, 16),
    new RunShape(["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xoxe-"], /[A-Za-z0-9-]/, 10),
    new RunShape(["sk_live_", "rk_live_"], /[A-Za-z0-9]/, 10),
    new RunShape(["glpat-"], /[A-Za-z0-9_-]/, 10),
    new JwtShape(),
    new PemShape(),
  ];
}

type CharSet = Uint8Array;

function charSet(pattern: RegExp): CharSet {
  return Uint8Array.from(
    { length: 128 },
    (_, code) => pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

function runEnd(text: string, from: number, chars: CharSet): number {
  let at = from;
  while (at < text.length && chars[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** A head and then at least `min` characters of a set: all of them belong to the token. */
class RunShape implements TokenShape, OpenRun {
  readonly heads: readonly string[];
  readonly #chars: CharSet;
  readonly #min: number;

  constructor(heads: readonly string[], chars: RegExp, min: number) {
    this.heads = heads;
    this.#chars = charSet(chars);
    this.#min = min;
  }

  match(text: string, at: number, isFinal: boolean): ShapeMatch {
    const head = this.heads.find((candidate) => text.startsWith(candidate, at));
    if (head === undefined) {
      return !isFinal && isCutHead(this.heads, text, at) ? PARTIAL : NONE;
    }
    const from = at + head.length;
    const end = runEnd(text, from, this.#chars);
    if (end - from >= this.#min) return { kind: "token", end, run: this };
    return end === text.length && !isFinal ? PARTIAL : NONE;
  }

  extend(text: string, from: number): number {
    return runEnd(text, from, this.#chars);
  }
}

/** Whether the text ends inside a head that starts at `at`. */
function isCutHead(heads: readonly string[], text: string, at: number): boolean {
  const rest = text.length - at;
  return heads.some((head) => rest < head.length && head.startsWith(text.slice(at)));
}

const DOT = 46;
const MIN_JWT_HEADER = 8;
const MAX_JWT_HEADER = 16 * 1024;
const MIN_JWT_PAYLOAD = 4;
const MAX_JWT_PAYLOAD = 64 * 1024;

/** `eyJ…`, a dot, a second part, a dot, and whatever follows: JWS, unsigned JWT and JWE. */
class JwtShape implements TokenShape, OpenRun {
  /** The third byte of `{"` and a letter shows in the third and fourth character. */
  readonly heads: readonly string[] = [
    ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
  ].map((char) => `eyJ${char}`);
  readonly #chars = charSet(/[A-Za-z0-9_-]/);
  readonly #charsAndDot = charSet(/[A-Za-z0-9_.-]/);

  match(text: string, at: number, isFinal: boolean): ShapeMatch {
    const first = runEnd(text, at, this.#chars);
    if (first - at > MAX_JWT_HEADER) return none(first - MAX_JWT_HEADER);
    if (first === text.length) return isFinal ? none(first) : PARTIAL;
    if (text.charCodeAt(first) !== DOT || first - at < MIN_JWT_HEADER) return none(first);
    const second = runEnd(text, first + 1, this.#chars);
    const length = second - first - 1;
    if (length > MAX_JWT_PAYLOAD) return none(first);
    if (second === text.length) return isFinal ? none(first) : PARTIAL;
    if (text.charCodeAt(second) !== DOT || length < MIN_JWT_PAYLOAD) return none(first);
    return { kind: "token", end: runEnd(text, second, this.#charsAndDot), run: this };
  }

  extend(text: string, from: number): number {
    return runEnd(text, from, this.#charsAndDot);
  }
}

function none(deadEnd: number): ShapeMatch {
  return { kind: "none", deadEnd };
}

/** A private key in PEM, whole or cut off. */
class PemShape implements TokenShape {
  readonly heads: readonly string[] = ["-----BEGIN "];

  match(text: string, at: number, isFinal: boolean): ShapeMatch {
    const header = pemHeaderEnd(text, at);
    if (header === -1) return !isFinal && isPemHeaderPart(text, at) ? PARTIAL : NONE;
    const state = openPem();
    const extend = (more: string, from: number) =>
      state.phase === "done" ? from : readPem(state, more, from);
    return { kind: "token", end: extend(text, header), run: { extend } };
  }
}
