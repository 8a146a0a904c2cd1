import { systemClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { openWorkflow } from "../workflow/mod.ts";
import { hintFor } from "./closest.ts";
import { discoverFixtures, FIXTURES_FOLDER } from "./discover_fixtures.ts";
import { type Fixture, fixtureTarget, PIPELINE, type PipelineFixture } from "./fixture.ts";
import { parseJsonSource } from "./json_source.ts";
import { listRecordings, RECORDINGS_FOLDER } from "./load_recordings.ts";
import { mockAnswers } from "./mock_answers.ts";
import { runNodeFixture, type TestableWorkflow } from "./run_node_fixture.ts";
import { type OpenForTest, runPipelineFixture } from "./run_pipeline_fixture.ts";
import { type FixtureResult, nodeCoverage, type TestReport } from "./test_report.ts";

/** What to test, and how. */
export interface RunFixturesOptions {
  /** A workflow folder. */
  readonly dir: string;
  /** Only the fixtures of this node. */
  readonly node?: string;
  /** Only whole runs. Without a pipeline fixture the workflow runs once, and has to succeed. */
  readonly pipeline?: boolean;
  /** Writes what came into the fixtures that it does not match. */
  readonly update?: boolean;
  /** Fixtures at work at one time; as many as cores by default, at least 2. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Called for each fixture in the order of the files' names, as soon as it and those before it are done. */
  onResult?(result: FixtureResult): void;
  /** Opens the workflow; tests hand in a fake one. */
  readonly open?: typeof openWorkflow;
}

/**
 * Runs the fixtures of a workflow, each node in a host of its own rights, with the network closed and no
 * secrets but those of the fixture. Results come in the order of the files' names.
 *
 * @throws {PdError} what `openWorkflow` throws; `TARGET_NOT_FOUND` for an unknown node; `FIXTURE_MISSING`
 * when there is nothing to run; the reason of `signal` when it aborts
 */
export async function runFixtures(options: RunFixturesOptions): Promise<TestReport> {
  const startedAt = systemClock.now();
  await using place = await temporaryFolder();
  const open: OpenForTest = async (http, secrets) => {
    // a path of its own keeps the secrets of the person who tests out of the tests
    const secretsPath = `${place.path}/${crypto.randomUUID()}.yaml`;
    await Deno.writeTextFile(secretsPath, JSON.stringify(secrets));
    return await (options.open ?? openWorkflow)({ dir: options.dir, secretsPath, http });
  };
  await using workflow = await open(mockAnswers([], {}).http, {});

  const { spec } = workflow.current;
  const nodes = spec.nodes.map((node) => node.id);
  if (options.node !== undefined) checkNode(options.node, nodes, spec.name);
  const found = await discoverFixtures(workflow.dir, { nodes });
  const problems = found.problems.filter(({ file }) => isAsked(targetOfFile(file), options));
  const asked = found.fixtures.filter((fixture) => isAsked(fixtureTarget(fixture), options));
  const fixtures = options.pipeline === true && asked.length + problems.length === 0
    ? [await smokeTest(workflow)]
    : asked;
  if (fixtures.length + problems.length === 0) {
    throw nothingToRun(options, { workflow: spec.name, first: nodes[0] ?? "node" });
  }

  const update = options.update ?? false;
  const run = (fixture: Fixture): Promise<FixtureResult> =>
    fixture.kind === "node"
      ? runNodeFixture(workflow, fixture, { update, signal: options.signal })
      : runPipelineFixture(fixture, workflow, { open, update, signal: options.signal });
  const results = await inOrder(fixtures, run, options);

  const count = (status: FixtureResult["status"]): number =>
    results.filter((result) => result.status === status).length;
  const codeNodes = spec.nodes.filter((node) => node.kind === "code").map((node) => node.id);
  return {
    workflow: spec.name,
    success: count("failed") === 0 && problems.length === 0,
    passed: count("passed"),
    failed: count("failed"),
    updated: count("updated"),
    durationMs: systemClock.now() - startedAt,
    results,
    problems,
    coverage: nodeCoverage(codeNodes, found.fixtures),
  };
}

/** Runs several at a time; results are told and returned in the order of `fixtures`. */
async function inOrder(
  fixtures: readonly Fixture[],
  run: (fixture: Fixture) => Promise<FixtureResult>,
  { concurrency = Math.max(2, navigator.hardwareConcurrency), signal, onResult }:
    RunFixturesOptions,
): Promise<FixtureResult[]> {
  const done: (FixtureResult | undefined)[] = new Array(fixtures.length).fill(undefined);
  const told: FixtureResult[] = [];
  const waiting = fixtures.entries();
  async function work(): Promise<void> {
    for (const [index, fixture] of waiting) {
      signal?.throwIfAborted();
      done[index] = await run(fixture);
      for (let next = done[told.length]; next !== undefined; next = done[told.length]) {
        told.push(next);
        onResult?.(next);
      }
    }
  }
  const workers = Array.from({ length: Math.max(1, Math.min(concurrency, fixtures.length)) }, work);
  // all of them end before anything is closed under them, also when one fails
  for (const ended of await Promise.allSettled(workers)) {
    if (ended.status === "rejected") throw ended.reason;
  }
  signal?.throwIfAborted();
  return told;
}

/** Whole workflow, no fixture: the run has to succeed, answered by the recordings when there are any. */
async function smokeTest(workflow: TestableWorkflow): Promise<PipelineFixture> {
  const recordings = await listRecordings(`${workflow.dir}/${RECORDINGS_FOLDER}`);
  const isReplay = recordings.length > 0;
  const text = isReplay ? '{\n  "input": {},\n  "replay": true\n}\n' : '{\n  "input": {}\n}\n';
  return {
    kind: "pipeline",
    caseName: undefined,
    file: `${FIXTURES_FOLDER}/${PIPELINE}.json`,
    source: parseJsonSource(text),
    input: {},
    fetch: [],
    secrets: {},
    expectation: { kind: "success" },
    outputs: {},
    isReplay,
  };
}

function isAsked(target: string, { node, pipeline }: RunFixturesOptions): boolean {
  if (node !== undefined) return target === node;
  return pipeline !== true || target === PIPELINE;
}

function targetOfFile(file: string): string {
  return file.slice(FIXTURES_FOLDER.length + 1).split(".")[0] ?? "";
}

function checkNode(node: string, nodes: readonly string[], workflow: string): void {
  if (nodes.includes(node)) return;
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot test node "${node}" as part of "${workflow}": there is no such node${
      hintFor(node, nodes)
    }`,
    { fix: `Use one of: ${nodes.slice(0, 20).join(", ")}` },
  );
}

function nothingToRun(
  { dir, node }: RunFixturesOptions,
  { workflow, first }: { readonly workflow: string; readonly first: string },
): CodedError {
  const file = `${dir}/${FIXTURES_FOLDER}/${node ?? first}.json`;
  return new CodedError(
    "FIXTURE_MISSING",
    `Cannot test "${node ?? workflow}" as it has no fixture: there is no ${file}`,
    {
      fix:
        `mkdir -p ${dir}/${FIXTURES_FOLDER} && echo '{ "input": {} }' > ${file} && pd test ${dir} --update`,
    },
  );
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "pd-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
