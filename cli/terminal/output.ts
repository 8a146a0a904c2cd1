import type { JsonValue } from "../../engine/json/mod.ts";
import type { Colors } from "./colors.ts";
import type { Io } from "./io.ts";

/** How a command prints: the result to stdout, all else to stderr. */
export interface OutputOptions {
  readonly io: Io;
  readonly format: "text" | "json";
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Colours of stdout. */
  readonly colors: Colors;
  /** Colours of stderr. */
  readonly errorColors: Colors;
}

/** An error as it is printed. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
  readonly stack?: string | undefined;
}

/** Prints: text for people, or exactly one JSON document under `-o json`. */
export class Output {
  readonly format: "text" | "json";
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colors: Colors;
  readonly errorColors: Colors;
  readonly #io: Io;
  #hasResult = false;

  constructor(options: OutputOptions) {
    this.format = options.format;
    this.quiet = options.quiet;
    this.verbose = options.verbose;
    this.colors = options.colors;
    this.errorColors = options.errorColors;
    this.#io = options.io;
  }

  /** Prints the result: `text` as it is with a final newline, or `json`. Once per command. */
  result(text: string, json: JsonValue): void {
    if (this.#hasResult) throw new Error("A command prints one result");
    this.#hasResult = true;
    if (this.format === "json") this.#io.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else if (text !== "") this.#io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** A line beside the result, for people: stderr, and nothing with `-q`. */
  note(line: string): void {
    if (!this.quiet) this.#io.stderr.write(`${line}\n`);
  }

  /** A line for those who want to know more: stderr, with `-v` only. */
  detail(line: string): void {
    if (this.verbose) this.note(line);
  }

  /** A line that matters even with `-q`. */
  warn(line: string): void {
    this.#io.stderr.write(`${line}\n`);
  }

  /** An error. Under `-o json` it is the result, unless one was printed already. */
  error(error: ShownError, also: { readonly [key: string]: JsonValue } = {}): void {
    if (this.format === "json" && !this.#hasResult) {
      const { code, message, fix, stack } = error;
      this.result("", {
        error: {
          code,
          message,
          ...(fix === undefined ? {} : { fix }),
          ...(this.verbose && stack !== undefined ? { stack } : {}),
        },
        ...also,
      });
      return;
    }
    const { red, bold, dim } = this.errorColors;
    this.warn(`${red("error")} ${bold(error.code)} ${error.message}`);
    if (error.fix !== undefined) this.warn(indented("fix: ", error.fix));
    if (this.verbose && error.stack !== undefined) this.warn(dim(error.stack));
  }
}

/** `label` and text, further lines of it standing below its first. */
function indented(label: string, text: string): string {
  return label + text.replaceAll("\n", `\n${" ".repeat(label.length)}`);
}
