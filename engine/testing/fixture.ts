import type { Secrets } from "../context/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { MatchMode } from "./difference.ts";
import type { JsonSource } from "./json_source.ts";

/** One prepared answer to `ctx.fetch`, or to a bare `fetch()` when it has no service. */
export interface FetchEntry {
  readonly service: string | undefined;
  /** As the node gives it to `ctx.fetch`, query included; or an absolute URL. */
  readonly path: string;
  /** Upper case; `undefined` answers every method. */
  readonly method: string | undefined;
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** A string is sent as text, anything else as JSON; `undefined` is an empty body. */
  readonly body: JsonValue | undefined;
}

/** How a node or a workflow is expected to fail. */
export interface ExpectedError {
  readonly code: string;
  /** A part of the message. */
  readonly message: string | undefined;
}

/** What a fixture asks for. */
export type Expectation =
  | { readonly kind: "output"; readonly value: JsonValue; readonly match: MatchMode }
  | { readonly kind: "error"; readonly error: ExpectedError }
  /** Nothing was written down yet: `update` fills it in. */
  | { readonly kind: "nothing" }
  /** Any output will do, as long as it does not fail. */
  | { readonly kind: "success" };

interface FixtureBase {
  /** `undefined` for `<node>.json`. */
  readonly caseName: string | undefined;
  /** Relative to the workflow folder, with `/`. */
  readonly file: string;
  readonly source: JsonSource;
  readonly input: JsonValue;
  readonly fetch: readonly FetchEntry[];
  /** The only secrets there are. */
  readonly secrets: Secrets;
  readonly expectation: Expectation;
}

/** One call of one node: `tests/fixtures/<node>.json` or `<node>.<case>.json`. */
export interface NodeFixture extends FixtureBase {
  readonly kind: "node";
  readonly node: string;
  /** Laid over the node's own `ctx.config`. */
  readonly config: JsonObject;
}

/** One run of the whole workflow: `tests/fixtures/pipeline.json` or `pipeline.<case>.json`. */
export interface PipelineFixture extends FixtureBase {
  readonly kind: "pipeline";
  /** Outputs of single nodes, compared beside the result of the run. */
  readonly outputs: { readonly [node: string]: JsonValue };
  /** Requests are answered from `testdata/http` instead of `fetch`. */
  readonly isReplay: boolean;
}

export type Fixture = NodeFixture | PipelineFixture;

/** The first part of a pipeline fixture's file name. */
export const PIPELINE = "pipeline";

/** What a fixture tests: a node's id, or `pipeline`. */
export function fixtureTarget(fixture: Fixture): string {
  return fixture.kind === "node" ? fixture.node : PIPELINE;
}
