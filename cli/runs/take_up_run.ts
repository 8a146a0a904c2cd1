import { cacheDir } from "../../engine/cache/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import type { ExecutionResult, RunEvent } from "../../engine/executor/mod.ts";
import { openWorkflow, type Run, type Workflow } from "../../engine/workflow/mod.ts";
import type { Cli } from "../cli.ts";
import { isPipeline, showLog, streamsOf } from "../pipelines/mod.ts";
import { RunFailure } from "../run_failure.ts";
import { secretValues } from "../secret_values.ts";
import { readSecretsFlag } from "../target_request.ts";
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

/** Opens the workflow that runs are kept under, over the storage that they are in. */
export async function openWorkflowOf(
  { workflowKey, name }: { readonly workflowKey: string; readonly name: string | undefined },
  at: RunStorage,
  { cli, secrets, secretFlags, driver }: TakeUpFlags & { readonly cli: Cli },
): Promise<Workflow> {
  const { io, out } = cli;
  const { secretsPath, secretsBackend } = readSecretsFlag(secrets, cli.resolve);
  const values = await secretValues(
    { backend: secretsBackend, own: secretFlags, global: [] },
    { cwd: io.cwd, env: io.env, pipeline: name },
  );
  const streams = streamsOf(cli);
  let isShown = false;
  const workflow = await openWorkflow({
    dir: workflowKey,
    storage: at.storage,
    cacheDir: cacheDir(io.env),
    onWarning: (message) => out.note(`warning ${message}`),
    containers: {
      driver,
      workspace: { dir: io.cwd, include: [], ignore: [] },
      onOutput: (chunk) => isShown && streams(chunk),
    },
    secretValues: values,
    ...secretsPath === undefined ? {} : { secretsPath },
  });
  isShown = isPipeline(workflow.current.spec);
  return workflow;
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
