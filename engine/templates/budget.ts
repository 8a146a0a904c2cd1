import { Flaw } from "./template_error.ts";
import type { Value } from "./variables.ts";

/** A larger result is a mistake: no shell takes it. */
export const MAX_CHARS: number = 8 * 1024 * 1024;
/** More work is a mistake, or an attack: a range of a billion. It keeps the engine from all else for so long. */
const MAX_STEPS = 1_000_000;
/** Texts of so many characters are read or written in about one step. */
const CHARS_PER_STEP = 50;
/** Entries of a map that are sorted in about one step. */
const ENTRIES_PER_STEP = 4;

/** The work that one template may make, the variables in it that are templates themselves included. */
export class Budget {
  #steps = 0;

  /** @throws {Flaw} when it is spent */
  step(at: number, count = 1): void {
    this.#steps += count;
    if (this.#steps > MAX_STEPS) throw new Flaw(at, `it takes more than ${MAX_STEPS} steps`);
  }

  /** A call of a function: it may read all of its texts, and write one. */
  call(at: number, args: readonly Value[]): void {
    let chars = 0;
    for (const arg of args) if (typeof arg === "string") chars += arg.length;
    this.step(at, chars / CHARS_PER_STEP);
  }

  /** What a function gave back. */
  result(at: number, value: Value): void {
    if (typeof value !== "string") return;
    if (value.length > MAX_CHARS) throw new Flaw(at, "the result is larger than 8 MiB");
    this.step(at, value.length / CHARS_PER_STEP);
  }

  /** The entries of a map, by key. */
  entries(at: number, count: number): void {
    this.step(at, count / ENTRIES_PER_STEP);
  }
}
