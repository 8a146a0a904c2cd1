/** What an error says beyond its message: how to get past it, and what caused it. */
export interface PdErrorOptions {
  /** Something to paste: a command, or a file and key. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Of the program that failed, 1 to 255. */
  readonly exitCode?: number;
}

/**
 * The base of everything that is thrown on purpose. `code` is stable and has a row in
 * `docs/reference/errors.md`; `message` reads `Cannot <verb> "<thing>" as <rule>: <state>`.
 */
export class PdError extends Error {
  readonly code: string = "INTERNAL";
  readonly fix: string | undefined;
  readonly exitCode: number | undefined;

  constructor(message: string, options: PdErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.fix = options.fix;
    this.exitCode = options.exitCode;
  }
}
