import { CodedError } from "../errors/mod.ts";

const COMMIT = /^[0-9a-f]{7,64}$/;
/** What git's check-ref-format refuses, and everything that could be read as something else than a name. */
// deno-lint-ignore no-control-regex -- refusing them is the point
const BAD_REF = /^[-/.]|\.\.|@\{|\/\/|[\x00-\x20\x7f~^:?*[\\]|\.lock(\/|$)|\/\.|[/.]$/;

/** Of a deleted branch: webhooks and hooks of git write so many zeros. */
const ZEROS = /^0{40}(0{24})?$/;

/** Whether a commit stands for a branch that is no more. */
export function isNoCommit(commit: string): boolean {
  return ZEROS.test(commit);
}

/** Whether it is the whole name of a commit. */
export function isWholeCommit(commit: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit);
}

/**
 * Refuses what is no (perhaps short) name of a commit.
 *
 * @throws {CodedError} `GIT_REF_INVALID`
 */
export function checkCommit(commit: string): void {
  if (!COMMIT.test(commit) || isNoCommit(commit)) {
    throw invalid(commit, "commit", "it is not 7 to 64 hexadecimal digits");
  }
}

/**
 * Refuses what is no full name of a branch or tag: `refs/heads/main`.
 *
 * @throws {CodedError} `GIT_REF_INVALID`
 */
export function checkRef(ref: string): void {
  if (!/^refs\/(heads|tags)\/./.test(ref)) {
    throw invalid(ref, "ref", "it does not begin with refs/heads/ or refs/tags/");
  }
  if (ref.length > 300 || BAD_REF.test(ref.slice("refs/".length))) {
    throw invalid(ref, "ref", "git has no such names");
  }
}

/**
 * Refuses what is no name of a branch.
 *
 * @throws {CodedError} `GIT_REF_INVALID`
 */
export function checkBranch(branch: string): void {
  if (branch === "" || branch.length > 280 || BAD_REF.test(branch)) {
    throw invalid(branch, "branch", "git has no such names");
  }
}

/** The branch of a ref; undefined for a tag. */
export function branchOf(ref: string): string | undefined {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
}

function invalid(text: string, what: "commit" | "ref" | "branch", state: string): CodedError {
  return new CodedError(
    "GIT_REF_INVALID",
    `Cannot use "${text.slice(0, 100)}" as a ${what}: ${state}`,
    { fix: `{"ref": "refs/heads/main"}, or {"commit": "<40 digits>"}` },
  );
}
