import type { z } from "zod";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { Diagnostic } from "../spec/mod.ts";
import { hintFor } from "./closest.ts";
import type { Expectation, FetchEntry, Fixture } from "./fixture.ts";
import { NodeFixtureSchema, PipelineFixtureSchema } from "./fixture_schema.ts";
import { type JsonPath, type JsonSource, JsonSyntaxError } from "./json_source.ts";
import { parseJsonSource, positionAt } from "./json_source.ts";

/** What the name of a fixture's file says. */
export interface FixtureName {
  readonly kind: "node" | "pipeline";
  /** A node's id, or `pipeline`. */
  readonly target: string;
  readonly caseName: string | undefined;
  /** Relative to the workflow folder. */
  readonly file: string;
}

/** The text of one fixture file → the fixture, or every problem in it with its place. */
export function parseFixture(
  text: string,
  name: FixtureName,
): { readonly fixture?: Fixture; readonly problems: readonly Diagnostic[] } {
  let source: JsonSource;
  try {
    source = parseJsonSource(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const fix = "Correct the JSON at this place";
    const message = `Cannot read "${name.file}" as JSON: ${error.message}`;
    return {
      problems: [problem({ message, fix, file: name.file, path: [], text, offset: error.offset })],
    };
  }

  const schema = name.kind === "node" ? NodeFixtureSchema : PipelineFixtureSchema;
  const parsed = schema.safeParse(source.value);
  if (!parsed.success) {
    const issues = parsed.error.issues.flatMap((issue) =>
      explain(issue, Object.keys(schema.shape), source, name.file)
    );
    return { problems: issues.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  const problems = checkExpectation(source, name);
  if (problems.length > 0) return { problems };
  return { fixture: toFixture(parsed.data, source, name), problems };
}

type Parsed = z.infer<typeof NodeFixtureSchema> | z.infer<typeof PipelineFixtureSchema>;

function toFixture(parsed: Parsed, source: JsonSource, name: FixtureName): Fixture {
  const base = {
    caseName: name.caseName,
    file: name.file,
    source,
    input: (parsed.input ?? (hasKey(source.value, "input") ? null : {})) as JsonValue,
    fetch: parsed.fetch.map((entry): FetchEntry => ({
      service: entry.service,
      path: entry.path,
      method: entry.method?.toUpperCase(),
      status: entry.status,
      headers: entry.headers,
      body: entry.body as JsonValue | undefined,
    })),
    secrets: parsed.secrets,
    expectation: toExpectation(parsed),
  };
  if ("outputs" in parsed) {
    const outputs = parsed.outputs as { readonly [node: string]: JsonValue };
    return { ...base, kind: "pipeline", outputs, isReplay: parsed.replay };
  }
  const config = parsed.config as JsonObject;
  return { ...base, kind: "node", node: name.target, config };
}

function toExpectation(parsed: Parsed): Expectation {
  if (typeof parsed.error === "string") {
    return { kind: "error", error: { code: parsed.error, message: undefined } };
  }
  if (parsed.error !== undefined) {
    const { code, message } = parsed.error;
    return { kind: "error", error: { code, message } };
  }
  if (parsed.expected === undefined) return { kind: "nothing" };
  return { kind: "output", value: parsed.expected as JsonValue, match: parsed.match };
}

/** Keys that contradict each other: caught here, where the place of each is known. */
function checkExpectation(source: JsonSource, name: FixtureName): Diagnostic[] {
  const contradictions: [string, string][] = [["error", "expected"], ["error", "outputs"], [
    "replay",
    "fetch",
  ]];
  return contradictions
    .filter(([one, other]) => hasKey(source.value, one) && hasKey(source.value, other))
    .map(([one, other]) =>
      problem({
        message: `Cannot read "${name.file}" as a fixture: it has both "${one}" and "${other}"`,
        fix: `Remove "${one}" or "${other}"`,
        file: name.file,
        path: [one],
        text: source.text,
        offset: source.range([one]).start,
      })
    );
}

function explain(
  issue: z.core.$ZodIssue,
  topKeys: readonly string[],
  source: JsonSource,
  file: string,
): Diagnostic[] {
  const path = issue.path.filter((key) => typeof key !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = path.length === 0 ? topKeys : FETCH_KEYS;
    return issue.keys.map((key) =>
      problem({
        message: `Cannot read "${file}" as a fixture: the key "${key}" is not known${
          hintFor(key, known)
        }`,
        fix: `Use one of: ${known.join(", ")}`,
        file,
        path: [...path, key],
        text: source.text,
        offset: source.range([...path, key]).start,
      })
    );
  }
  const place = path.length === 0 ? "the fixture" : formatKeys(path);
  const inner = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  const what = (inner ?? issue.message).replace(/^Invalid input: /, "");
  return [problem({
    message: `Cannot read "${file}" as a fixture: ${place}: ${what}`,
    fix: path.length === 0
      ? 'Write an object: {"input": {}, "expected": {}}'
      : `Correct ${place} in ${file}`,
    file,
    path,
    text: source.text,
    offset: source.range(path).start,
  })];
}

const FETCH_KEYS = ["service", "path", "method", "status", "headers", "body"];

function formatKeys(path: JsonPath): string {
  return path.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("").slice(1);
}

function hasKey(value: JsonValue, key: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

interface ProblemPlace {
  readonly message: string;
  readonly fix: string;
  readonly file: string;
  readonly path: JsonPath;
  readonly text: string;
  readonly offset: number;
}

function problem({ message, fix, file, path, text, offset }: ProblemPlace): Diagnostic {
  const place = positionAt(text, offset);
  return { code: "FIXTURE_INVALID", severity: "error", message, fix, file, path, ...place };
}
