import { systemClock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import type { HttpMode, Secrets } from "../context/mod.ts";
import { PdError } from "../errors/mod.ts";
import type { ErrorRecord, ExecutionResult, LogLine } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Run } from "../workflow/mod.ts";
import { compare, type Difference } from "./difference.ts";
import type { PipelineFixture } from "./fixture.ts";
import type { JsonPath } from "./json_source.ts";
import { type Ending, judge } from "./judge.ts";
import { RECORDINGS_FOLDER } from "./load_recordings.ts";
import { mockAnswers } from "./mock_answers.ts";
import { replayFrom } from "./replay_from.ts";
import type { RunFixtureOptions, TestableWorkflow } from "./run_node_fixture.ts";
import type { FixtureFailure, FixtureResult } from "./test_report.ts";
import { updateFixture } from "./update_fixture.ts";

/** Opens the workflow under test: the requests of its nodes go to `http`, and `secrets` are all it has. */
export type OpenForTest = (
  http: HttpMode,
  secrets: Secrets,
) => Promise<TestableWorkflow & AsyncDisposable>;

/** Runs the whole workflow as a fixture says, answered by its `fetch` entries or by the recordings. */
export async function runPipelineFixture(
  fixture: PipelineFixture,
  workflow: TestableWorkflow,
  { open, update, signal }: RunFixtureOptions & { readonly open: OpenForTest },
): Promise<FixtureResult> {
  const mock = mockAnswers(fixture.fetch, workflow.current.spec.services);
  const http = fixture.isReplay ? replayFrom(`${workflow.dir}/${RECORDINGS_FOLDER}`) : mock.http;
  const startedAt = systemClock.now();
  await using own = await open(http, fixture.secrets);
  const { ending, outputs, logs } = await runToEnd(own, fixture.input, signal);
  const durationMs = systemClock.now() - startedAt;

  const unanswered = mock.unanswered.length > 0;
  const failure = unanswered
    ? { kind: "unanswered" as const, requests: mock.unanswered }
    : judgeRun(fixture, ending, outputs);
  const isToWrite = failure !== undefined || fixture.expectation.kind === "success";
  const isUpdated = update && !unanswered && isToWrite && await write();

  async function write(): Promise<boolean> {
    const { expectation } = fixture;
    if (ending.status === "failed" || expectation.kind === "error") return false;
    const values: (readonly [JsonPath, JsonValue])[] = [];
    const asksOnlyForNodes = expectation.kind === "nothing" &&
      Object.keys(fixture.outputs).length > 0;
    if (!asksOnlyForNodes) values.push([["expected"], ending.output]);
    for (const node of Object.keys(fixture.outputs)) {
      if (Object.hasOwn(outputs, node)) values.push([["outputs", node], outputs[node] ?? null]);
    }
    await updateFixture(`${workflow.dir}/${fixture.file}`, fixture.source, values);
    return true;
  }

  return {
    kind: "pipeline",
    target: "pipeline",
    caseName: fixture.caseName,
    file: fixture.file,
    status: isUpdated ? "updated" : failure === undefined ? "passed" : "failed",
    durationMs,
    failure: isUpdated ? undefined : failure,
    logs,
    unusedAnswers: fixture.isReplay ? [] : mock.unused(),
  };
}

type Outputs = ExecutionResult["outputs"];

async function runToEnd(
  workflow: TestableWorkflow,
  input: JsonValue,
  signal: AbortSignal | undefined,
): Promise<{ ending: Ending; outputs: Outputs; logs: LogLine[] }> {
  let run: Run;
  try {
    run = await workflow.start(input, {
      trigger: { type: "test" },
      ...signal === undefined ? {} : { signal },
    });
  } catch (error) {
    if (!(error instanceof PdError)) throw error;
    const { code, message, fix } = error;
    const record = { code, message, ...fix === undefined ? {} : { fix } };
    return { ending: { status: "failed", errors: [record] }, outputs: {}, logs: [] };
  }
  const result = await run.result;
  const logs: LogLine[] = [];
  for (const event of await run.eventsSoFar()) {
    if (event.kind === "log") logs.push({ ...event, message: `[${event.node}] ${event.message}` });
  }
  const ending: Ending = result.success
    ? { status: "succeeded", output: resultOf(run.dag, result.outputs) }
    : { status: "failed", errors: toRecords(result) };
  return { ending, outputs: result.outputs, logs };
}

/** What a run answers: the output of its last node, or of its last nodes by id. */
function resultOf({ sinks, nodes }: CompiledDag, outputs: Outputs): JsonValue {
  const ids = sinks.flatMap((index) => nodes[index]?.id ?? []);
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return outputs[only] ?? null;
  return Object.fromEntries(ids.map((id) => [id, outputs[id] ?? null]));
}

/** Errors of a result read `CODE: message`. */
function toRecords({ errors, status }: ExecutionResult): ErrorRecord[] {
  const records = Object.entries(errors).map(([node, text]) => {
    const [, code = "NODE_FAILED", message = text] = /^([A-Z][A-Z0-9_]*): (.*)$/s.exec(text) ?? [];
    return { code, message: `node "${node}": ${message}` };
  });
  return records.length > 0 ? records : [{ code: "RUN_CANCELLED", message: `the run ${status}` }];
}

function judgeRun(
  fixture: PipelineFixture,
  ending: Ending,
  outputs: Outputs,
): FixtureFailure | undefined {
  const { expectation } = fixture;
  const match = expectation.kind === "output" ? expectation.match : "exact";
  const wanted = Object.entries(fixture.outputs);
  const failure = judge(expectation, ending);
  if (failure !== undefined && failure.kind !== "output" && failure.kind !== "unwritten") {
    return failure;
  }
  if (failure?.kind === "unwritten" && wanted.length === 0) return failure;
  const differences: Difference[] = failure?.kind === "output" ? [...failure.differences] : [];
  for (const [node, expected] of wanted) {
    const found = Object.hasOwn(outputs, node)
      ? compare(expected, outputs[node] ?? null, match)
      : [{ kind: "missing" as const, path: [], expected }];
    for (const difference of found) {
      differences.push({ ...difference, path: ["outputs", node, ...difference.path] });
    }
  }
  return differences.length === 0 ? undefined : { kind: "output", differences };
}
