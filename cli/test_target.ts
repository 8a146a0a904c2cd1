import { basename, dirname, join, resolve } from "node:path";
import { CodedError } from "../engine/errors/mod.ts";
import { parseDriverAddress } from "../engine/drivers/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import {
  formatReport,
  RECORDINGS_FOLDER,
  replayFrom,
  runFixtures,
  toJUnit,
} from "../engine/testing/mod.ts";
import { openWorkflow } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { openHttp } from "./open_http.ts";
import { findTarget, type Target } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd test` was asked. */
export interface TestRequest {
  readonly target: string;
  readonly pipeline: boolean;
  readonly update: boolean;
  /** Absolute. */
  readonly junit: string | undefined;
  readonly record: boolean;
  readonly replay: boolean;
  readonly coverage: boolean;
  /** Where containers run; as the workflow says when undefined. */
  readonly driver: string | undefined;
}

/** Runs fixtures and prints the report. Sets the exit code. */
export async function testTarget(cli: Cli, request: TestRequest): Promise<void> {
  const { io, out } = cli;
  const { driver } = request;
  if (driver !== undefined) parseDriverAddress(driver);
  const signal = io.interrupt();
  const { dir, file, node } = await findTestTarget(request.target, io.cwd);
  if (node !== undefined && (request.pipeline || request.replay)) {
    throw new UsageError(
      `Cannot test node "${node}" with --${
        request.pipeline ? "pipeline" : "replay"
      } as that runs the whole workflow`,
      `pd test ${request.target}`,
    );
  }
  if (request.record) await recordRun(cli, { dir, file }, { signal, driver });
  const report = await runFixtures({
    dir,
    ...(node === undefined ? {} : { node }),
    pipeline: request.pipeline || request.replay,
    update: request.update,
    signal,
    open: (options) =>
      openWorkflow({
        ...options,
        containers: { ...options.containers, driver },
        ...request.replay ? { http: replayFrom(join(dir, RECORDINGS_FOLDER)) } : {},
      }),
  });
  if (request.junit !== undefined) await Deno.writeTextFile(request.junit, toJUnit(report));
  const isColored = out.colors.red("") !== "";
  out.result(formatReport(report, { color: isColored }), report as unknown as JsonValue);
  const { missing } = report.coverage;
  const isCovered = !request.coverage || missing.length === 0;
  if (!isCovered) {
    out.warn(`nodes without a fixture: ${missing.join(", ")}`);
    out.warn(`fix: echo '{ "input": {} }' > tests/fixtures/${missing[0]}.json && pd test --update`);
  }
  if (!report.success || !isCovered) cli.exitCode = signal.aborted ? 130 : 1;
}

interface TestTarget extends Target {
  readonly node: string | undefined;
}

/** A workflow, or one node of it as the last part of a path: `examples/hn-digest/filter`. */
async function findTestTarget(target: string, cwd: string): Promise<TestTarget> {
  try {
    return { ...await findTarget(target, cwd, { command: "pd test" }), node: undefined };
  } catch (error) {
    const parent = dirname(resolve(cwd, target));
    try {
      return { ...await findTarget(parent, cwd), node: basename(target) };
    } catch {
      throw error;
    }
  }
}

/** Runs the workflow once against the real services and keeps the exchanges. */
async function recordRun(
  cli: Cli,
  { dir, file }: Target,
  { signal, driver }: { readonly signal: AbortSignal; readonly driver: string | undefined },
): Promise<void> {
  await using http = await openHttp(dir, { record: true, replay: false, secretsPath: undefined });
  await using workflow = await openWorkflow({
    dir: file,
    http: http.mode,
    containers: { driver },
  });
  const result = await (await workflow.start({}, { signal })).result;
  if (!result.success) {
    const [node, message] = Object.entries(result.errors)[0] ?? ["", result.status];
    throw new CodedError(
      "NODE_FAILED",
      `Cannot record "${workflow.current.spec.name}" as its run failed: ${node} ${message}`,
      { fix: `pd run ${dir} --record` },
    );
  }
  const count = await http.finish();
  cli.out.note(`recorded ${count} HTTP exchanges in ${join(dir, RECORDINGS_FOLDER)}`);
}
