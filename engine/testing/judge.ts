import type { ErrorRecord } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { compare } from "./difference.ts";
import type { Expectation, ExpectedError } from "./fixture.ts";
import type { FixtureFailure } from "./test_report.ts";

/** How a node or a run ended: with an output, or with errors (a run may have several). */
export type Ending =
  | { readonly status: "succeeded"; readonly output: JsonValue }
  | { readonly status: "failed"; readonly errors: readonly ErrorRecord[] };

/** Holds an ending against what was expected; `undefined` when they agree. */
export function judge(expectation: Expectation, ending: Ending): FixtureFailure | undefined {
  if (expectation.kind === "error") return judgeError(expectation.error, ending);
  if (ending.status === "failed") return unexpected(ending.errors, undefined);
  if (expectation.kind === "success") return undefined;
  if (expectation.kind === "nothing") return { kind: "unwritten", actual: ending.output };
  const differences = compare(expectation.value, ending.output, expectation.match);
  return differences.length === 0 ? undefined : { kind: "output", differences };
}

function judgeError(expected: ExpectedError, ending: Ending): FixtureFailure | undefined {
  if (ending.status === "succeeded") return { kind: "no-error", expected, actual: ending.output };
  const isExpected = ending.errors.some(({ code, message }) =>
    code === expected.code && message.includes(expected.message ?? "")
  );
  return isExpected ? undefined : unexpected(ending.errors, expected);
}

function unexpected(
  errors: readonly ErrorRecord[],
  expected: ExpectedError | undefined,
): FixtureFailure {
  const [error = { code: "INTERNAL", message: "it failed without an error" }] = errors;
  return { kind: "error", error, expected };
}
