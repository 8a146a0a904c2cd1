import type { Workflow } from "../workflow/mod.ts";
import type { NodeFixture } from "./fixture.ts";
import { type Ending, judge } from "./judge.ts";
import { mockAnswers } from "./mock_answers.ts";
import type { FixtureResult } from "./test_report.ts";
import { project, updateFixture } from "./update_fixture.ts";

/** What running a fixture needs of an open workflow. */
export type TestableWorkflow = Pick<Workflow, "current" | "runNode" | "start" | "dir">;

/** How fixtures are run. */
export interface RunFixtureOptions {
  /** Writes what came into the fixture's file when it is not what was expected. */
  readonly update: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Calls one node as its fixture says, with prepared answers in place of the network. */
export async function runNodeFixture(
  workflow: TestableWorkflow,
  fixture: NodeFixture,
  { update, signal }: RunFixtureOptions,
): Promise<FixtureResult> {
  const { spec } = workflow.current;
  const mock = mockAnswers(fixture.fetch, spec.services);
  const own = spec.nodes.find((node) => node.id === fixture.node)?.config ?? {};
  const report = await workflow.runNode(fixture.node, {
    input: fixture.input,
    config: { ...spec.config.values, ...own, ...fixture.config },
    secrets: fixture.secrets,
    http: mock.http,
    ...signal === undefined ? {} : { signal },
  });

  const ending = toEnding(report.outcome);
  const unanswered = mock.unanswered.length > 0;
  const failure = unanswered
    ? { kind: "unanswered" as const, requests: mock.unanswered }
    : judge(fixture.expectation, ending);
  const isUpdated = update && !unanswered && failure !== undefined && await write();

  async function write(): Promise<boolean> {
    const { expectation } = fixture;
    if (ending.status === "failed" || expectation.kind === "error") return false;
    const isSubset = expectation.kind === "output" && expectation.match === "subset";
    const value = isSubset ? project(expectation.value, ending.output) : ending.output;
    await updateFixture(`${workflow.dir}/${fixture.file}`, fixture.source, [[["expected"], value]]);
    return true;
  }

  return {
    kind: "node",
    target: fixture.node,
    caseName: fixture.caseName,
    file: fixture.file,
    status: failure === undefined ? "passed" : isUpdated ? "updated" : "failed",
    durationMs: report.durationMs,
    failure: isUpdated ? undefined : failure,
    logs: report.logs,
    unusedAnswers: mock.unused(),
  };
}

function toEnding(outcome: Awaited<ReturnType<Workflow["runNode"]>>["outcome"]): Ending {
  switch (outcome.status) {
    case "succeeded":
      return outcome;
    case "cancelled":
      return {
        status: "failed",
        errors: [{ code: "NODE_CANCELLED", message: "the test was stopped" }],
      };
    case "failed":
    case "lost":
      return { status: "failed", errors: [outcome.error] };
  }
}
