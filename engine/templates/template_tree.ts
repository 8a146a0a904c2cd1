import type { JsonValue } from "../json/mod.ts";

/** An expression of a template; `at` is its offset in the text. */
export type Expression =
  | { readonly kind: "dot"; readonly at: number }
  | { readonly kind: "nil"; readonly at: number }
  | { readonly kind: "literal"; readonly value: JsonValue; readonly at: number }
  | { readonly kind: "field"; readonly path: readonly string[]; readonly at: number }
  | {
    readonly kind: "variable";
    readonly name: string;
    readonly path: readonly string[];
    readonly at: number;
  }
  | { readonly kind: "function"; readonly name: string; readonly at: number }
  | {
    readonly kind: "group";
    readonly pipe: Pipe;
    readonly path: readonly string[];
    readonly at: number;
  };

/** A function with its arguments, or a single value. */
export interface Command {
  readonly words: readonly Expression[];
  readonly at: number;
}

/** Commands of which each gets the value of the one before it as its last argument. */
export interface Pipe {
  /** `$x := …`, `$x = …`; two of them in a range. */
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

/** A part of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipe: Pipe }
  | Block
  | { readonly kind: "break" | "continue"; readonly at: number };

/** `if`, `with` or `range`, up to its `end`. */
export interface Block {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}
