import type { ErrorCode } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { SpecPath } from "./diagnostic.ts";

/** What is wrong with one value: the rule that it breaks, how it stands, and the way out. */
export interface Flaw {
  readonly code: ErrorCode;
  /** Completes `Cannot read "x" as …`. */
  readonly rule: string;
  readonly state: string;
  readonly fix: Fix;
}

/** The way out: a value to write instead, from which `key: value` is made, or a sentence. */
export type Fix = { readonly write: string } | { readonly say: string };

/** A problem whose place is still a path: `at` says whether the key or its value is to blame. */
export interface Problem {
  readonly code: ErrorCode;
  readonly severity: "error" | "warning";
  readonly path: SpecPath;
  readonly at: "key" | "value";
  readonly message: string;
  readonly fix: string;
}

/** The problem that `flaw` is when it stands at `path`. */
export function problemAt(
  path: SpecPath,
  flaw: Flaw,
  { at = "value", severity = "error" }: { at?: "key" | "value"; severity?: "error" | "warning" } =
    {},
): Problem {
  return {
    code: flaw.code,
    severity,
    path: [...path],
    at,
    message: `Cannot read "${nameOf(path)}" as ${flaw.rule}: ${flaw.state}`,
    fix: "say" in flaw.fix ? flaw.fix.say : assignment(path, flaw.fix.write),
  };
}

/** A path as people write it: `nodes.fetch.permissions.net[0]`; the whole file for none. */
export function nameOf(path: SpecPath): string {
  let name = "";
  for (const part of path) {
    if (typeof part === "number") name += `[${part}]`;
    else name += name === "" ? shortened(part) : `.${shortened(part)}`;
  }
  return name === "" ? "workflow.yaml" : name;
}

/** How a value looks to somebody who reads a message: short, and on one line. */
export function describe(value: JsonValue | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return value === "" ? "empty text" : quoted(value);
  return typeof value === "number" ? `the number ${value}` : `the value ${value}`;
}

/** `text` in double quotes, cut after 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function assignment(path: SpecPath, value: string): string {
  const key = path.at(-1);
  if (key === undefined) return value;
  return typeof key === "number" ? `- ${value}` : `${shortened(key)}: ${value}`;
}
