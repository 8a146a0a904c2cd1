import { CodedError } from "../errors/mod.ts";

/** `NAME=`, `NAME:` or `export NAME=`, up to the value. */
const ASSIGNMENT = /(?:export[ \t]+)?([A-Za-z0-9_.]+)[ \t]*[=:][ \t]*/y;
const BLANK = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const REFERENCE = /(\\)?\$(\()?\{?([A-Za-z0-9_]+)?\}?/g;

/**
 * The variables of a `.env` file: `NAME=value`, `export NAME=value` or `NAME: value` a line; `#` begins a comment;
 * 'single quotes' are taken as they stand, "double quotes" know \n, \r and \"; both may go over several lines.
 * `$NAME` and `${NAME}`, but for single quotes, stand for variables further up in the same file.
 *
 * @param file How messages call it.
 * @throws {CodedError} `FILE_REFUSED`, naming the line and never what stands in it
 */
export function parseEnvFile(
  text: string,
  file: string,
): { readonly [name: string]: string } {
  const values = new Map<string, string>();
  const source = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  for (let at = skip(source, 0); at < source.length; at = skip(source, at)) {
    ASSIGNMENT.lastIndex = at;
    const [all, name] = ASSIGNMENT.exec(source) ?? [];
    if (all === undefined || name === undefined) {
      throw refused(file, source, at, "a line is NAME=value");
    }
    at += all.length;
    const quote = source[at];
    if (quote === "'" || quote === '"') {
      const end = closing(source, at);
      if (end === -1) throw refused(file, source, at, "a quote is closed");
      const inner = source.slice(at + 1, end);
      values.set(name, quote === "'" ? inner : expand(unescape(inner), values));
      at = end + 1;
      const rest = /[^\n]*/y;
      rest.lastIndex = at;
      at += rest.exec(source)?.[0].length ?? 0;
    } else {
      const end = source.indexOf("\n", at);
      const line = source.slice(at, end === -1 ? undefined : end);
      at += line.length;
      values.set(name, expand(line.replace(/(^|[ \t])#.*$/, "").trim(), values));
    }
  }
  for (const [name, value] of values) {
    if (value.includes("\0")) throw refused(file, source, 0, `${name} holds text`);
  }
  return Object.fromEntries(values);
}

function skip(source: string, at: number): number {
  BLANK.lastIndex = at;
  return at + (BLANK.exec(source)?.[0].length ?? 0);
}

/** Where the quote that opens at `at` ends; -1 when it does not. */
function closing(source: string, at: number): number {
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] === source[at] && source[end - 1] !== "\\") return end;
  }
  return -1;
}

function unescape(text: string): string {
  return text.replace(/\\([^$])/gs, (_, char: string) => {
    if (char === "n") return "\n";
    return char === "r" ? "\r" : char;
  });
}

/** `\$` stays a dollar sign, and `$(` is none of a variable. */
function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (all, escape?: string, call?: string, name?: string) => {
    if (escape !== undefined) return all.slice(1);
    return call !== undefined || name === undefined ? all : values.get(name) ?? "";
  });
}

function refused(file: string, source: string, at: number, rule: string): CodedError {
  const line = source.slice(0, at).split("\n").length;
  return new CodedError(
    "FILE_REFUSED",
    `Cannot read "${file}" as ${rule}: line ${line} is something else`,
    { fix: `Correct line ${line} of ${file}` },
  );
}
