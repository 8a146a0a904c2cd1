import { PdError } from "../errors/mod.ts";

/** Where a template is, and what is wrong there. */
export interface TemplateFault {
  /** Which template: `entry 2 of node "build"`. */
  readonly name: string;
  readonly text: string;
  /** Where in `text`. */
  readonly offset: number;
  /** In the words of Go's templates: `map has no entry for key "x"`. */
  readonly detail: string;
}

/** A template cannot be filled in. */
export class TemplateError extends PdError {
  override readonly code = "TEMPLATE_INVALID";
  /** 1 for the first. */
  readonly line: number;
  /** 1 for the first, in characters. */
  readonly column: number;
  /** What is wrong, without the place. */
  readonly detail: string;

  constructor({ name, text, offset, detail }: TemplateFault) {
    const before = text.slice(0, offset).split("\n");
    const line = before.length;
    const column = (before.at(-1) ?? "").length + 1;
    super(`Cannot fill in ${name} as its template says at ${line}:${column}: ${detail}`, {
      fix: fixFor(detail),
    });
    this.line = line;
    this.column = column;
    this.detail = detail;
  }
}

function fixFor(detail: string): string {
  const [, key] = /^map has no entry for key "([^"]*)"/.exec(detail) ?? [];
  return key === undefined
    ? "Correct the template at that place; {{ and }} that are meant as they are: {{ `{{` }}"
    : `Start the run with a value for "${key}"`;
}

/** A problem at a place of the template that is being read. */
export class Flaw extends Error {
  readonly offset: number;

  constructor(offset: number, detail: string) {
    super(detail);
    this.offset = offset;
  }
}
