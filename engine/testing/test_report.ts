import type { ErrorRecord, LogLine } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Diagnostic } from "../spec/mod.ts";
import type { Difference } from "./difference.ts";
import type { ExpectedError, Fixture } from "./fixture.ts";
import { fixtureTarget } from "./fixture.ts";

/** Why a fixture failed. */
export type FixtureFailure =
  /** It answered something else. */
  | { readonly kind: "output"; readonly differences: readonly Difference[] }
  /** It failed, which was not expected, or not so. */
  | {
    readonly kind: "error";
    readonly error: ErrorRecord;
    readonly expected: ExpectedError | undefined;
  }
  /** It was expected to fail and did not. */
  | { readonly kind: "no-error"; readonly expected: ExpectedError; readonly actual: JsonValue }
  /** It asked for what the fixture prepares no answer to, whatever it made of that. */
  | { readonly kind: "unanswered"; readonly requests: readonly string[] }
  /** The fixture says nothing about what is expected. */
  | { readonly kind: "unwritten"; readonly actual: JsonValue };

/** How one fixture went. */
export interface FixtureResult {
  readonly kind: "node" | "pipeline";
  /** A node's id, or `pipeline`. */
  readonly target: string;
  readonly caseName: string | undefined;
  /** Relative to the workflow folder. */
  readonly file: string;
  /** `updated`: it had failed, and its file now holds what came. */
  readonly status: "passed" | "failed" | "updated";
  readonly durationMs: number;
  readonly failure: FixtureFailure | undefined;
  readonly logs: readonly LogLine[];
  /** `fetch` entries that nobody asked for. */
  readonly unusedAnswers: readonly string[];
}

/** Which TypeScript nodes have at least one fixture. */
export interface NodeCoverage {
  readonly nodes: number;
  readonly covered: number;
  /** Whole number from 0 to 100; 100 when there is nothing to cover. */
  readonly percent: number;
  /** Nodes without a fixture, in the order of workflow.yaml. */
  readonly missing: readonly string[];
}

/** What a test run came to. Plain JSON throughout. */
export interface TestReport {
  readonly workflow: string;
  /** No fixture failed, and every file was read. */
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly updated: number;
  readonly durationMs: number;
  /** In the order of the files' names. */
  readonly results: readonly FixtureResult[];
  /** Files that are no fixtures. */
  readonly problems: readonly Diagnostic[];
  readonly coverage: NodeCoverage;
}

/** `fetch-stories`, or `fetch-stories (empty)` with a case. */
export function resultName({ target, caseName }: FixtureResult): string {
  return caseName === undefined ? target : `${target} (${caseName})`;
}

/** Counts the nodes that fixtures test. */
export function nodeCoverage(nodes: readonly string[], fixtures: readonly Fixture[]): NodeCoverage {
  const tested = new Set(
    fixtures.filter((fixture) => fixture.kind === "node").map(fixtureTarget),
  );
  const missing = nodes.filter((node) => !tested.has(node));
  const covered = nodes.length - missing.length;
  const percent = nodes.length === 0 ? 100 : Math.floor(covered / nodes.length * 100);
  return { nodes: nodes.length, covered, percent, missing };
}
