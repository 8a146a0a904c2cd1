import type { ErrorCode } from "../errors/mod.ts";

/** Keys and list positions from the top of the file: `["nodes", "fetch", "timeout"]`. */
export type SpecPath = readonly (string | number)[];

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One problem in a workflow file: what, where, and how to fix it. */
export interface Diagnostic extends Position {
  readonly code: ErrorCode;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string;
  /** As the caller named it, so that a terminal can link to it. */
  readonly file: string;
  readonly path: SpecPath;
}

/** Finds where a key or list item stands in the text; the nearest parent when it is not there. */
export type Locate = (path: SpecPath) => Position;
