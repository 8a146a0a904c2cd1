import { isAbsolute } from "node:path";
import { cacheDir } from "../../engine/cache/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { ExecutionResult, RunEvent } from "../../engine/executor/mod.ts";
import { openWorkflow, type Run, type Workflow } from "../../engine/workflow/mod.ts";
import type { Cli } from "../cli.ts";
import { openTracing } from "../open_tracing.ts";
import { isPipeline, showLog, streamsOf } from "../pipelines/mod.ts";
import { RunFailure } from "../run_failure.ts";
import { secretValues } from "../secret_values.ts";
import { readSecretsFlag } from "../target_request.ts";
import { findTarget } from "../targets/mod.ts";
import { type Io, openProgress } from "../terminal/mod.ts";
import type { RunStorage } from "../open_run_storage.ts";

/** What flags say about the workflow whose runs are taken up. */
export interface TakeUpFlags {
  /** `--secrets`: a path, or the address of a backend. */
  readonly secrets: string | undefined;
  /** `--secret`, as often as it was given. */
  readonly secretFlags: readonly string[];
  readonly driver: string | undefined;
}

/** A workflow whose runs go on here. Disposing it gives up those that are not over. */
export interface OpenedWorkflow extends AsyncDisposable {
  readonly workflow: Workflow;
}

/**
 * Opens the workflow that runs are kept under, over the storage that they are in. Runs of a pod are kept under the
 * name of its workflow: they go on with the folder one is in, when it has that name.
 *
 * @throws {PdError} `TARGET_NOT_FOUND` where runs of a pod have no folder, and what opening a workflow throws
 */
export async function openWorkflowOf(
  { workflowKey, name }: { readonly workflowKey: string; readonly name: string | undefined },
  at: RunStorage,
  { cli, secrets, secretFlags, driver }: TakeUpFlags & { readonly cli: Cli },
): Promise<OpenedWorkflow> {
  const { io, out } = cli;
  await using opened = new AsyncDisposableStack();
  const onWarning = (message: string) => out.note(`warning ${message}`);
  const { secretsPath, secretsBackend } = readSecretsFlag(secrets, cli.resolve);
  const values = await secretValues(
    { backend: secretsBackend, own: secretFlags, global: [] },
    { cwd: io.cwd, env: io.env, pipeline: name },
  );
  const traced = await openTracing(io.env, onWarning);
  opened.use(traced?.tracing);
  const dir = isAbsolute(workflowKey) ? workflowKey : await folderOf(workflowKey, io.cwd);
  const streams = streamsOf(cli);
  let isShown = false;
  const workflow = opened.use(
    await openWorkflow({
      dir,
      workflowKey,
      storage: at.storage,
      cacheDir: cacheDir(io.env),
      tracing: traced?.ofNodes,
      onWarning,
      containers: {
        driver,
        workspace: { dir: io.cwd, include: [], ignore: [] },
        onOutput: (chunk) => isShown && streams(chunk),
      },
      secretValues: values,
      ...secretsPath === undefined ? {} : { secretsPath },
    }),
  );
  isShown = isPipeline(workflow.current.spec);
  if (dir !== workflowKey && workflow.current.spec.name !== workflowKey) {
    throw noFolder(workflowKey, `this folder holds "${workflow.current.spec.name}"`);
  }
  traced?.observe(workflow);
  const kept = opened.move();
  return { workflow, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function folderOf(workflow: string, cwd: string): Promise<string> {
  try {
    return (await findTarget(".", cwd)).file;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "TARGET_NOT_FOUND") throw error;
    throw noFolder(workflow, "this folder holds no workflow");
  }
}

function noFolder(workflow: string, state: string): CodedError {
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot go on with a run of "${workflow}" here as a pod began it, whose folder is not known: ${state}`,
    { fix: `cd to the folder of ${workflow}, and say it again` },
  );
}

/** How a run came out, and why it failed if it did. */
export interface FollowedRun {
  readonly run: Run;
  /** Undefined when it was left unfinished. */
  readonly result: ExecutionResult | undefined;
  readonly failure: RunFailure;
}

/**
 * Shows a run that was taken up until it is over, or until `interrupt` aborts: then it stays unfinished, and
 * its status with it. What happened before is shown as far as it still counts.
 *
 * @param prefix Before each line, when several runs are shown together.
 */
export async function followRun(
  cli: Cli,
  run: Run,
  { interrupt, prefix }: {
    readonly interrupt?: AbortSignal;
    readonly prefix: string | undefined;
  },
): Promise<FollowedRun> {
  const { io, out } = cli;
  const resumedAt = systemClock.now();
  const isPlain = isPipelineRun(run);
  const progress = isPlain ? undefined : openProgress(
    `${run.summary.workflow} ${run.summary.version}`,
    run.dag.nodes.map(({ spec: { id, retry }, stage }) => ({
      id,
      stage,
      maxAttempts: retry.maxAttempts,
    })),
    {
      io: prefix === undefined ? io : prefixed(io, prefix),
      colors: out.errorColors,
      quiet: out.quiet,
      verbose: out.verbose,
      clock: systemClock,
    },
  );
  const failure = new RunFailure();
  try {
    for await (const event of run.events(0, interrupt)) {
      if (event.at >= resumedAt || stillCounts(event)) {
        progress?.event(event.kind === "run.started" ? { ...event, at: resumedAt } : event);
        if (isPlain) showLog(event, cli);
      }
      failure.event(event);
    }
  } finally {
    progress?.end();
  }
  return { run, result: interrupt?.aborted ? undefined : await run.result, failure };
}

/** Is it the run of a pipeline, whose streams are shown as they are? */
export function isPipelineRun({ dag }: Run): boolean {
  return isPipeline({ nodes: dag.nodes.map(({ spec }) => spec) });
}

/** What a node came to, and the beginning; not what was logged and tried on the way. */
function stillCounts({ kind }: RunEvent): boolean {
  return kind === "run.started" || kind === "node.succeeded" || kind === "node.failed";
}

/** The same process, whose stderr is no terminal and begins each line with the run that it is about. */
function prefixed(io: Io, prefix: string): Io {
  return {
    ...io,
    stderr: {
      isTerminal: false,
      size: () => undefined,
      write: (text) => io.stderr.write(text.replace(/^(?=.)/gm, `${prefix} `)),
    },
  };
}
